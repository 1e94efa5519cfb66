"""The error tree: what was found, what was expected, what to do; and the exit code of each kind."""

from functools import partial


class ClinpredError(Exception):
    """An error a user can act on.

    Parameters
    ----------
    code : str
        The code of the situation, such as ``"E-NOT-FOUND"``.
    found : str
        What was found. Names and counts are allowed; cell values, patient ids and dates never.
    expected : str
        What was expected instead.
    to_fix : str
        What the user can do about it.
    """

    exit_code = 1

    def __init__(self, code: str, found: str, *, expected: str, to_fix: str) -> None:
        self.code = code
        self.found = found
        self.expected = expected
        self.to_fix = to_fix
        super().__init__(f"{found} [{code}]\nexpected: {expected}\nto fix: {to_fix}")

    def __reduce__(self) -> tuple[partial["ClinpredError"], tuple[str, str]]:
        """Travel whole between processes: exceptions keep only what was given them by position."""
        return partial(type(self), expected=self.expected, to_fix=self.to_fix), (self.code, self.found)


class WrongUsage(ClinpredError, ValueError):
    """The command line or ``study.toml`` asks for something that does not exist (exit 2)."""

    exit_code = 2


class InputRefused(ClinpredError, ValueError):
    """The export is unreadable or ambiguous (exit 3, codes ``E-``)."""

    exit_code = 3


class StatisticalRefusal(ClinpredError, ValueError):
    """The question cannot be fitted or judged honestly on these patients (exit 4, codes ``S-``)."""

    exit_code = 4


class ModelFileRefused(ClinpredError, ValueError):
    """The model file is damaged, unsafe or of another version (exit 5, codes ``M-``)."""

    exit_code = 5


class PrivacyRefused(ClinpredError, ValueError):
    """The export identifies patients (exit 6, codes ``P-``)."""

    exit_code = 6


class ResourceRefused(ClinpredError, OSError):
    """A path, the disk, the memory or the time does not allow it (exit 7, codes ``R-``)."""

    exit_code = 7

    def __str__(self) -> str:
        return f"{self.found} [{self.code}]\nexpected: {self.expected}\nto fix: {self.to_fix}"
