"""The catalogue of codes: what each finding and each error means, why it matters, and what to do."""

import difflib
import textwrap
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from clinpred.errors import WrongUsage

FAMILIES = {
    "B": "a fault of clinpred itself",
    "E": "the export, or what is asked of it, is refused",
    "M": "the model file is refused",
    "P": "the export identifies patients",
    "R": "the machine does not allow it",
    "S": "the patients do not allow an honest answer",
    "W": "a finding: nothing is refused, unless --strict asks for it",
}
"""What the first letter of a code says."""

_EXITS = {"B": (1,), "E": (3,), "M": (5,), "P": (6,), "R": (7,), "S": (4,), "W": ()}
_FILES = ("bugs", "exports", "models", "privacy", "resources", "statistics", "warnings")
_WIDTH = 88


@dataclass(frozen=True)
class Code:
    """One code of the catalogue.

    Parameters
    ----------
    code : str
        Such as ``"W-SENTINEL"``.
    title : str
        The code in a few words.
    means : str
        What was seen.
    why : str
        Why it matters for a prediction model.
    to_do : str
        What to do, with the options and the keys of ``study.toml`` that settle it.
    example : str, optional
        A command that does so.
    exits : tuple of int
        The exit codes of a command that stops with it; empty where it is only a finding.
    """

    code: str
    title: str
    means: str
    why: str
    to_do: str
    example: str | None = None
    exits: tuple[int, ...] = ()


@cache
def codes() -> tuple[Code, ...]:
    """Return every code, in alphabetical order."""
    folder = files("clinpred.codes")
    read = [tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")) for name in _FILES]
    entries = {code: entry for family in read for code, entry in family.items()}
    return tuple(_code(code, entries[code]) for code in sorted(entries))


def explain(code: str) -> Code:
    """Return what a code means; its letters may be small.

    Raises
    ------
    WrongUsage
        E-CODE: there is no such code. The nearest ones are named.

    Examples
    --------
    >>> explain("w-sentinel").title
    'A number that may stand for missing'
    """
    catalogue = {one.code: one for one in codes()}
    asked = code.strip().upper()
    if asked in catalogue:
        return catalogue[asked]
    nearest = difflib.get_close_matches(asked, list(catalogue), n=3, cutoff=0.5)
    raise WrongUsage(
        "E-CODE",
        f"there is no code `{code}`" + (f"; the nearest: {', '.join(nearest)}" if nearest else ""),
        expected="a code as it stands in brackets after a message, such as W-SENTINEL",
        to_fix="correct the code; `clinpred explain` without one lists them all",
    )


def explained(code: str) -> str:
    """Return a code for the terminal, in lines of at most 88 signs.

    Raises
    ------
    WrongUsage
        E-CODE: there is no such code.
    """
    one = explain(code)
    parts = {"What it means": one.means, "Why it matters": one.why, "What to do": one.to_do}
    said = [f"{heading}\n{_wrapped(text)}" for heading, text in parts.items()]
    example = [f"Example\n  {one.example}"] if one.example is not None else []
    heading = textwrap.fill(f"{one.code}: {one.title}", _WIDTH)
    return "\n\n".join([f"{heading}\n{_standing(one)}", *said, *example])


def listed() -> str:
    """Return every code with its title, one a line, by family."""
    longest = max(len(one.code) for one in codes())
    lines = []
    for letter, says in FAMILIES.items():
        family = [f"  {one.code:<{longest}}  {one.title}" for one in codes() if one.code[0] == letter]
        lines += [f"{letter}-  {says}", *family, ""]
    return "\n".join(lines[:-1])


def _code(code: str, entry: dict[str, str | list[int]]) -> Code:
    """Return an entry of the catalogue's files: its text on one line, its exit codes those of its family or its own."""
    exits = entry.pop("exit", None)
    texts = {name: " ".join(str(text).split()) for name, text in entry.items()}
    return Code(code, exits=_EXITS[code[0]] if exits is None else tuple(map(int, exits)), **texts)


def _standing(one: Code) -> str:
    if not one.exits:
        strictly = "; with --strict, one about the export stops it" if one.code.startswith("W-") else ""
        return f"a finding: the command goes on{strictly}"
    return f"an error: a command that it stops ends with exit code {' or '.join(map(str, one.exits))}"


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
