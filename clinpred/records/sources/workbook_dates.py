"""Columns in which cells of days, texts of days and bare day numbers stand together: one way to read each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_date
from clinpred.records.sources.workbook_formats import Epoch, moment_text
from clinpred.records.sources.workbook_grid import BLANK, DATE, NUMBER, TEXT
from clinpred.records.text.headers import Named
from clinpred.records.values.dates import is_zero_date, read_date
from clinpred.records.values.missing_words import is_missing_word
from clinpred.settings.counts import counted

# From 1902 to 2099 in the system of 1900: numbers outside are no days of a patient's record.
_LOWEST, _HIGHEST = 1000.0, 73050.0


@dataclass(frozen=True, eq=False)
class Settled:
    """The columns with every day as ISO text, and what was noticed."""

    columns: list[Sequence[str]]
    findings: list[Finding]


def settle_days(named: Named, kinds: Sequence[bytes], epoch: Epoch) -> Settled:
    """Read the bare day numbers of columns of days by the workbook's own count of days.

    Parameters
    ----------
    named : Named
        The columns.
    kinds : sequence of bytes
        The kinds of each column's cells.
    epoch : {"1900", "1904"}
        The year from which days are counted.
    """
    columns: list[Sequence[str]] = []
    findings: list[Finding] = []
    for name, texts, column_kinds in zip(named.names, named.columns, kinds, strict=True):
        column = _Column(name, texts, column_kinds)
        columns.append(column.with_days(epoch))
        findings += column.findings(epoch)
    return Settled(columns, findings)


class _Column:
    """A column, and which of its cells are days in which form."""

    def __init__(self, name: str, texts: Sequence[str], kinds: bytes) -> None:
        self._name = name
        self._texts = texts
        self._kinds = kinds
        self._n_cells = kinds.count(DATE)
        self._n_texts = self._n_numbers = self._n_others = 0
        self._all_iso = True
        if self._n_cells or looks_like_date(name) or (NUMBER in kinds and TEXT in kinds):
            self._count()

    def _count(self) -> None:
        others = len(self._kinds) - self._kinds.count(BLANK) - self._n_cells
        for text, kind in zip(self._texts, self._kinds, strict=True):
            if kind == NUMBER and _is_day_number(text):
                self._n_numbers += 1
            elif kind == TEXT and (is_missing_word(text) or is_zero_date(text)):
                others -= 1
            elif kind == TEXT and (day := read_date(text)) is not None:
                self._n_texts += 1
                self._all_iso &= day.form == "year first" and day.mark == "-"
        self._n_others = others - self._n_numbers - self._n_texts

    @property
    def _has_day_numbers(self) -> bool:
        days = self._n_cells or self._n_texts or looks_like_date(self._name)
        return bool(self._n_numbers and days and not self._n_others)

    def with_days(self, epoch: Epoch) -> Sequence[str]:
        """Return the cells, bare day numbers as the days they stand for."""
        if not self._has_day_numbers:
            return self._texts
        return tuple(
            moment_text(float(text), "date", epoch) or text if kind == NUMBER else text
            for text, kind in zip(self._texts, self._kinds, strict=True)
        )

    def findings(self, epoch: Epoch) -> list[Finding]:
        if self._n_cells and self._n_others:
            text = (
                f"{counted(self._n_cells, 'cell')} of a date among {counted(self._n_others, 'cell')} of something else"
            )
            return [
                self._finding("W-DATE-MIXED", text, "check whether Excel made dates of them, as of 1-2", self._n_cells)
            ]
        if not self._has_day_numbers and not (self._n_cells and self._n_texts and self._all_iso):
            return []  # texts of days in another form are noticed where they are read
        counts = {"date cell": self._n_cells, "text": self._n_texts, "bare day number": self._n_numbers}
        parts = [counted(count, what) for what, count in counts.items() if count]
        read = f", day numbers counted from {epoch} as the workbook does" if self._n_numbers else ""
        code = "W-DATE-MIXED" if len(parts) > 1 else "W-EXCEL-DATE"
        text = f"dates stand as {' and '.join(parts)}{read}"
        return [
            self._finding(
                code, text, "format the whole column as dates in the workbook", self._n_texts + self._n_numbers
            )
        ]

    def _finding(self, code: str, text: str, advice: str, count: int) -> Finding:
        return Finding(code, "caution", f"column `{self._name}`: {text}", advice, count, self._name)


def _is_day_number(text: str) -> bool:
    return _LOWEST <= float(text) <= _HIGHEST
