"""Which mark parts the cells and which quotes them, shown by the whole text: what two readings fit is refused."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from clinpred.errors import InputRefused
from clinpred.records.text.fixed_width import fixed_width_records
from clinpred.records.text.one_column import are_parted_by_blanks, has_quoted_names, seem_parted
from clinpred.records.text.scanner import (
    Dialect,
    QuoteFault,
    Records,
    ends_with_break,
    lines_of,
    scan_records,
    split_records,
)

_DELIMITERS = (",", ";", "\t", "|", "^", "~")
_LONGEST_LINE = 2**20
MOST_COLUMNS = 20_000
# A delimiter stands on most lines; where cells hold line breaks, on few of them.
_SHARE_OF_LINES, _SHARE_OF_BROKEN_LINES = 0.5, 0.05


@dataclass(frozen=True)
class _Trial:
    """What the text looks like in one dialect."""

    dialect: Dialect
    records: Records
    fault: QuoteFault | None = None

    @cached_property
    def widths(self) -> list[int]:
        return [len(row) for row in self.records.rows if not is_blank(row)]

    @cached_property
    def width(self) -> int:
        """The commonest number of cells; of two as common, that of the earlier record."""
        return Counter(self.widths).most_common(1)[0][0]

    @cached_property
    def n_odd(self) -> int:
        return len(self.widths) - self.widths.count(self.width)

    @property
    def is_table(self) -> bool:
        return self.width > 1 and self.n_odd < 0.5 * len(self.widths)

    @property
    def is_clean(self) -> bool:
        return self.fault is None and self.n_odd == 0

    @property
    def rank(self) -> tuple[bool, int, int]:
        return self.fault is not None, self.n_odd, self.widths.index(self.width)

    def is_better_than(self, other: "_Trial") -> bool:
        return self.fault is None and (other.fault is not None or self.n_odd < other.n_odd)


def is_blank(row: list[str]) -> bool:
    """Whether a record is a line without anything on it."""
    return len(row) == 1 and not row[0].strip()


def find_dialect(text: str, name: str, *, delimiter: str | None = None, n_columns: int = 0) -> tuple[Dialect, Records]:
    """Return the dialect of a text and its records.

    ``delimiter`` and ``n_columns`` are what the analyst says, if anything.

    Raises
    ------
    InputRefused
        E-DELIMITER: none or several marks fit. E-QUOTE: a quoted cell does not end. E-LINE-LENGTH, E-COLUMNS: a line of
        more than 1 MiB outside quotes, or more than 20,000 columns.
    """
    lines = lines_of(text)
    _refuse_long_lines(lines, name)
    if delimiter is not None:
        chosen = _trial(text, lines, delimiter)
    else:
        n_lines = sum(bool(line) and not line.isspace() for line in lines)
        marks = [mark for mark in _DELIMITERS if _may_part(mark, text, n_lines)]
        marks += [" "] if has_quoted_names(lines) else []
        trials = [_trial(text, lines, mark) for mark in marks]
        chosen = _chosen([trial for trial in trials if trial.widths], lines, name, n_columns)
    if chosen.fault is not None:
        raise bad_quote(_described(chosen.fault, name))
    if chosen.width > MOST_COLUMNS:
        raise _too_long("E-COLUMNS", f"{name}: {chosen.width} columns", f"at most {MOST_COLUMNS} columns")
    if delimiter is not None and chosen.width == 1 and seem_parted(lines):
        found = f"{name}: the mark named with --delimiter parts no line, and another seems to"
        raise _undecided(found, to_fix="name another mark, or leave --delimiter out")
    return chosen.dialect, chosen.records


def bad_quote(found: str) -> InputRefused:
    """Return the refusal of a quoted cell that does not end where it should."""
    return InputRefused(
        "E-QUOTE",
        found,
        expected='cells in double quotes, a quote inside a cell doubled ("")',
        to_fix="correct the quotes on that line, or export again",
    )


def _may_part(mark: str, text: str, n_lines: int) -> bool:
    share = _SHARE_OF_BROKEN_LINES if '"' in text or "'" in text else _SHARE_OF_LINES
    return text.count(mark) >= max(1.0, share * n_lines)


def _trial(text: str, lines: list[str], delimiter: str) -> _Trial:
    """Return the text in the quotes that fit it best: double quotes unless they do not fit and others do."""
    standard = _read(text, lines, Dialect(delimiter=delimiter, quote='"' if '"' in text else None))
    for other in _other_quotes(text, delimiter):
        trial = _read(text, lines, other)
        if trial.is_better_than(standard) or (trial.is_clean and _is_wrapped(standard, trial)):
            return _with_backslashes_settled(trial, text)
        if trial.is_clean and standard.is_clean and other.escape == "backslash":
            return replace(standard, fault=standard.fault or _differing(standard, trial))
    return standard


def _read(text: str, lines: list[str], dialect: Dialect) -> _Trial:
    by_line = split_records(lines, dialect.delimiter or ",", ended=ends_with_break(text))
    if dialect.quote is None:
        return _Trial(dialect, by_line)
    try:
        return _Trial(dialect, scan_records(text, dialect))
    except QuoteFault as fault:
        return _Trial(dialect, by_line, fault)


def _other_quotes(text: str, delimiter: str) -> list[Dialect]:
    others = []
    if '\\"' in text:
        others.append(Dialect(delimiter=delimiter, quote='"', escape="backslash"))
    opens = any(start in text for start in (f"{delimiter}'", f"{delimiter} '", "\n'", "\r'")) or text.startswith("'")
    if opens:
        others.append(Dialect(delimiter=delimiter, quote="'"))
    if opens and "\\'" in text:
        others.append(Dialect(delimiter=delimiter, quote="'", escape="backslash"))
    return others


def _is_wrapped(standard: _Trial, trial: _Trial) -> bool:
    """Whether apostrophes are the quotes of a text that reads without them too.

    They are where whole columns stand in them, or where they stand round just those cells that hold an apostrophe.
    """
    if trial.dialect.quote != "'" or not standard.is_clean:
        return False
    rows = [row for row in standard.records.rows if not is_blank(row)]
    columns = [[cell.strip() for cell in column if cell.strip()] for column in zip(*rows[1:], strict=True)]
    wrapped = [sum(map(_in_apostrophes, column)) for column in columns]
    telling = [sum(len(cell) > 2 for cell in column if _in_apostrophes(cell)) for column in columns]
    enough = any(count >= 2 for count in telling) or (any(telling) and any(map(_in_apostrophes, rows[0])))
    if enough and all(count in (0, len(column)) for count, column in zip(wrapped, columns, strict=True)):
        return True
    cells = [cell for cell in chain.from_iterable(columns) if _in_apostrophes(cell)]
    return bool(cells) and all("''" in cell[1:-1] for cell in cells)


def _in_apostrophes(cell: str) -> bool:
    cell = cell.strip()
    return len(cell) > 1 and cell[0] == cell[-1] == "'"


def _with_backslashes_settled(trial: _Trial, text: str) -> _Trial:
    """Fault a text in which some backslashes stand alone and others in pairs: what a pair means is not said."""
    if trial.dialect.escape == "doubled":
        return trial
    alone = text.replace("\\\\", "").replace(f"\\{trial.dialect.quote}", "")
    if "\\" in alone and "\\\\" in text:
        return replace(trial, fault=QuoteFault(text.count("\n", 0, text.index("\\\\")) + 1, 0, closed=True))
    return trial


def _differing(standard: _Trial, other: _Trial) -> QuoteFault | None:
    pairs = zip(standard.records.rows, other.records.rows, standard.records.lines, strict=False)
    line = next((line for ours, theirs, line in pairs if ours != theirs), None)
    return None if line is None else QuoteFault(line, 0, closed=True)


def _chosen(trials: list[_Trial], lines: list[str], name: str, n_columns: int) -> _Trial:
    tables = [trial for trial in trials if trial.is_table and n_columns in (0, trial.width)]
    clean = [trial for trial in tables if trial.is_clean]
    if len(clean) > 1:
        raise _undecided(f"{name}: {_named(clean)} part the cells of every line alike")
    if clean:
        best = clean[0]
    else:
        fixed = fixed_width_records(lines)
        if fixed is not None and not tables:
            return _Trial(Dialect(delimiter=None), fixed)
        if fixed is not None:
            raise _undecided(f"{name}: columns of a fixed width fit, and so does {_named(tables)}")
        best = min(tables, key=lambda trial: trial.rank) if tables else _without_table(trials, lines, name)
    _refuse_other_marks_in_header(best, [trial for trial in tables if trial is not best], name)
    return best


def _without_table(trials: list[_Trial], lines: list[str], name: str) -> _Trial:
    """Return a single column, or the reading whose header has several cells so that its rows are said to be ragged."""
    wide = [trial for trial in trials if trial.widths[0] > 1]
    if not wide and are_parted_by_blanks(lines):
        return _Trial(Dialect(delimiter=" "), split_records([line.rstrip() for line in lines], " ", ended=True))
    if wide:
        return max(wide, key=lambda trial: trial.widths[0])
    header = next((line for line in lines if line.strip()), "")
    if trials or "  " in header.strip() or any(mark in header for mark in _DELIMITERS):
        raise _undecided(f"{name}: no mark parts the lines into cells")
    if seem_parted(lines):
        raise _undecided(f"{name}: the lines seem to be parted by an unusual mark")
    return _Trial(Dialect(delimiter=None), Records([[line] for line in lines], range(1, len(lines) + 1), ended=True))


def _refuse_other_marks_in_header(best: _Trial, others: list[_Trial], name: str) -> None:
    header = next(row for row in best.records.rows if len(row) == best.width or not others)
    for other in others:
        if sum(cell.count(other.dialect.delimiter or ",") for cell in header) >= best.width - 1:
            raise _undecided(f"{name}: {_named([best, other])} both part the header into names")


def _named(trials: list[_Trial]) -> str:
    names = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "blanks"}
    marks = [trial.dialect.delimiter or "," for trial in trials]
    return " and ".join(names.get(mark, f"`{mark}`") for mark in marks)


def _described(fault: QuoteFault, name: str) -> str:
    breaks = f"{fault.n_breaks} line break{'' if fault.n_breaks == 1 else 's'}"
    if not fault.closed:
        return f"{name}: a quote opened on line {fault.line} is never closed, with {breaks} after it"
    if fault.n_breaks:
        return f"{name}: one cell on line {fault.line} holds {breaks} and does not end with its quote"
    return f"{name}: a quoted cell on line {fault.line} does not end where its quote closes"


def _refuse_long_lines(lines: list[str], name: str) -> None:
    if max(map(len, lines), default=0) <= _LONGEST_LINE:
        return
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST_LINE and sum(map(len, line.split('"')[::2])) > _LONGEST_LINE:
            found = f"{name}: line {number} has more than 1 MiB outside quotes"
            raise _too_long("E-LINE-LENGTH", found, "lines of at most 1 MiB")


def _too_long(code: str, found: str, expected: str) -> InputRefused:
    return InputRefused(code, found, expected=expected, to_fix="export one patient a line, and fewer columns")


def _undecided(found: str, *, to_fix: str = "name the mark with --delimiter") -> InputRefused:
    return InputRefused(
        "E-DELIMITER",
        found,
        expected="one mark between the cells of every line: comma, semicolon, tab, |, ^, ~ or a single blank",
        to_fix=to_fix,
    )
