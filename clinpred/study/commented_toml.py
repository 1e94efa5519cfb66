"""Settings as TOML that is read by people: each line with a comment, aligned, and odd names quoted."""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = str | float | int | bool | Sequence["Value"] | Mapping[str, "Value"]

WIDTH = 120
_WIDEST_CODE = 58
_NARROWEST_COMMENT = 36
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# Control characters, and those that turn the direction of writing: no terminal or editor should obey them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Line:
    """A setting and what is said of it. One that is not active stands there commented out.

    Without a setting the comment stands by itself, and keeps its blanks and its one line where it is not active.
    """

    setting: str = ""
    comment: str = ""
    active: bool = True


def setting(name: str, value: Value) -> str:
    r"""Return ``name = value`` as TOML.

    Examples
    --------
    >>> print(setting("d.time", 3.0)), print(setting("range", [0, 120])), print(setting('a "b" = c', {"unit": "°C"}))
    "d.time" = 3
    range = [0, 120]
    "a \"b\" = c" = { unit = "°C" }
    (None, None, None)
    """
    return f"{key(name)} = {written(value)}"


def key(name: str) -> str:
    """Return a name as a TOML key, quoted where it has to be."""
    return name if _BARE.fullmatch(name) else _quoted(name)


def written(value: Value) -> str:
    """Return a value as TOML, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(float(value))
    if isinstance(value, Mapping):
        return "{ " + ", ".join(setting(name, part) for name, part in value.items()) + " }"
    return "[" + ", ".join(written(part) for part in value) + "]"


def seen(text: str) -> str:
    r"""Return a text with every character that cannot be seen as its code.

    Examples
    --------
    >>> print(seen("one\ntwo"))
    one\u000atwo
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def section(title: str, lines: Sequence[Line], *, said: str = "") -> str:
    """Return a table of settings: its title, then the lines, their comments one below the other.

    Parameters
    ----------
    title : str
        The table's name; empty for the settings before the first table.
    lines : sequence of Line
        Its settings.
    said : str
        What is said of the whole table.
    """
    head = [Line(f"[{title}]", said)] if title else []
    whole = [*head, *lines]
    column = min(max((len(_code(line)) for line in whole if line.comment), default=0) + 2, _WIDEST_CODE)
    return "\n".join(_laid_out(line, column) for line in whole) + "\n"


def _quoted(text: str) -> str:
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _code(line: Line) -> str:
    return line.setting if line.active or not line.setting else f"# {line.setting}"


def _laid_out(line: Line, column: int) -> str:
    code, comment = _code(line), seen(line.comment)
    if not comment.strip():
        return code or "#"
    if not code:
        return "\n".join(_commented(comment, 0)) if line.active else f"# {comment}"
    column = max(column, len(code) + 2)
    if WIDTH - column < _NARROWEST_COMMENT:
        return "\n".join([*_commented(comment, 0), code])
    first, *others = _commented(comment, column)
    return "\n".join([code.ljust(column) + first, *(" " * column + other for other in others)])


def _commented(comment: str, column: int) -> list[str]:
    wrapped = textwrap.wrap(comment, WIDTH - column - 2, break_long_words=False, break_on_hyphens=False)
    return [f"# {part}" for part in wrapped]
