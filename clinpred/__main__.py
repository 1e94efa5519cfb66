"""``python -m clinpred`` is the ``clinpred`` command."""

from clinpred.cli import main

main()
