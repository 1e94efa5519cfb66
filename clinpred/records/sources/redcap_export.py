"""A REDCap export once its dictionary has described it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from clinpred.records.sources.redcap_choices import Answers
from clinpred.records.sources.redcap_columns import Column
from clinpred.records.text_table import Description

_SHOWN = 5


@dataclass(frozen=True)
class DescribedExport:
    """An export as it was read: what its header was, its columns, their cells now, and what is known of them."""

    header: Sequence[str]
    columns: Sequence[Column]
    texts: Sequence[Sequence[str]]
    answers: Mapping[str, Answers]
    described: Mapping[str, Description]
    missing: Mapping[str, Collection[str]]

    @cached_property
    def cells(self) -> dict[str, Sequence[str]]:
        """The cells by the column's name."""
        return {column.name: texts for column, texts in zip(self.columns, self.texts, strict=True)}


def listed(names: Iterable[str]) -> str:
    """Return the first few of these names, and how many more there are.

    Examples
    --------
    >>> listed("abcdefg")
    '`a`, `b`, `c`, `d`, `e` and 2 more'
    """
    named = [f"`{name}`" for name in names]
    return ", ".join(named[:_SHOWN]) + (f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else "")
