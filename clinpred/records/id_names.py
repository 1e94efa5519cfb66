"""Names that patient ids and days go by."""

import re

# compared with the column's name in lower case, its blanks, dots and dashes written as underscores
_ID_NAME = re.compile(
    r"id|pid|rid|sno|mrn|empi|eid|seqn|usubjid|ssn|chi|nhs_?(no|number)|(record|case|study|hadm|stay|encounter)_?(id|no)"
    r"|(patient|pat|subject|subj|participant|person|proband|pt)"
    r"(_?(id|identifier|no|nr|num|number|code|key))?"
)
_NOT_ALONE = {"person", "pat", "pt"}
_DATE_NAME = re.compile(
    r"^date|date$|datum$|[^a-z]date[^a-z]|(?:^|[^a-z])(?:datum|fecha|dob|dod)(?:[^a-z]|$)", re.IGNORECASE
)
_BIRTH_NAME = re.compile(
    r"birth|born|geburt|naissance|nacimiento|nascita|nascimento|geboorte|(?:^|[^a-z])dob(?:[^a-z]|$)", re.IGNORECASE
)


def looks_like_id(column: str) -> bool:
    """Whether a column's name is one of those that patient ids go by.

    Examples
    --------
    >>> [looks_like_id(name) for name in ("sno", "Patient ID", "MRN", "hospital_id", "age", "grid")]
    [True, True, True, False, False, False]
    """
    name = re.sub(r"[\s.\-]+", "_", column.strip()).casefold()
    return name not in _NOT_ALONE and bool(_ID_NAME.fullmatch(name))


def looks_like_date(column: str) -> bool:
    """Whether a column's name says that it holds dates.

    Examples
    --------
    >>> [looks_like_date(name) for name in ("admit_date", "dob", "Aufnahmedatum", "updated", "days")]
    [True, True, True, False, False]
    """
    return bool(_DATE_NAME.search(column))


def looks_like_birth(column: str) -> bool:
    """Whether a column's name says that it is about birth.

    Examples
    --------
    >>> [looks_like_birth(name) for name in ("dob", "Geburtsdatum", "admit_date")]
    [True, True, False]
    """
    return bool(_BIRTH_NAME.search(column))
