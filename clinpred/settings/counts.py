"""How a count is said: 1 patient, 2 patients."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun in the right number.

    Examples
    --------
    >>> counted(1, "patient"), counted(2_000, "patient")
    ('1 patient', '2000 patients')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def both_classes(events: int, others: int) -> str:
    """Return how many patients have the event, and how many do not.

    Examples
    --------
    >>> both_classes(1, 4)
    '1 patient with the event and 4 without it'
    """
    return f"{counted(events, 'patient')} with the event and {others} without it"
