"""The command line: the only door to click."""

from clinpred.cli.commands import main

__all__ = ["main"]
