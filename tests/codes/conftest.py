"""The modules of situations hold no tests of their own: the test beside them loads them, in their order."""

collect_ignore_glob = ["[!t]*.py"]
