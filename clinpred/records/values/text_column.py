"""A column of text: kept as it is, with everything noticed that an analyst would want to know of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from shlex import quote

from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.values.affixes import n_affixed
from clinpred.records.values.cells import Cells, counted
from clinpred.records.values.dates import DateText
from clinpred.records.values.missing_words import is_programs_missing_word, spelled
from clinpred.records.values.numbers import NumberText

MOST_LEVELS = 50
_FEWEST_ID_DIGITS = 10
_MOSTLY = 0.5
_NEARLY_UNIQUE = 0.95
_ABBREVIATIONS = {"m": "male", "f": "female", "y": "yes", "n": "no", "t": "true"}

Numbers = Mapping[str, NumberText]


def text_findings(cells: Cells, numbers: Numbers, dates: Mapping[str, DateText]) -> list[Finding]:
    """Return what is noticed of a column that stays text.

    Codes: W-NA-CATEGORY, W-CATEGORY-VARIANTS, W-TEXT-COLUMN, W-ID-MISSING.
    """
    if looks_like_id(cells.column) or _has_shape_of_ids(cells):
        return missing_ids(len(cells.texts) - cells.n_present, cells)
    return [*_words_of_programs(cells), *_variants(cells), *_mostly_other(cells, numbers, dates)]


def missing_ids(count: int, cells: Cells) -> list[Finding]:
    """Return the finding that ids are missing from ``count`` rows, where some are, but not from all."""
    if count in (0, len(cells.texts)):
        return []
    what = f"looks like an id, and is missing in {counted(count, 'row')}"
    return [cells.note("W-ID-MISSING", what, advice="complete the ids in the export", count=count, caution=True)]


def _has_shape_of_ids(cells: Cells) -> bool:
    long = all(text.isdecimal() and len(text) >= _FEWEST_ID_DIGITS for text in cells.counts)
    return long and len(cells.counts) >= _NEARLY_UNIQUE * cells.n_present


def _words_of_programs(cells: Cells) -> list[Finding]:
    words = {text: count for text, count in cells.counts.items() if is_programs_missing_word(text)}
    if not words:
        return []
    what = f"words that may stand for missing are kept as categories ({spelled(words)})"
    advice = f"where they stand for missing, read them so with --missing {quote(f'{cells.column}=WORD')}"
    return [cells.note("W-NA-CATEGORY", what, advice=advice, count=sum(words.values()))]


def _variants(cells: Cells) -> list[Finding]:
    if len(cells.counts) > MOST_LEVELS:
        return []
    spellings: dict[str, set[str]] = defaultdict(set)
    for text in cells.counts:
        spellings[" ".join(text.casefold().split())].add(text)
    for short, long in _ABBREVIATIONS.items():
        if short in spellings and long in spellings:
            spellings[long] |= spellings.pop(short)
    several = [texts for texts in spellings.values() if len(texts) > 1]
    if not several:
        return []
    n_texts = sum(len(texts) for texts in several)
    what = f"{n_texts} of its {len(cells.counts)} categories seem to be spellings of {len(several)}"
    advice = "where they mean the same, spell them alike in the export"
    return [cells.note("W-CATEGORY-VARIANTS", what, advice=advice, count=n_texts, caution=True)]


def _mostly_other(cells: Cells, numbers: Numbers, dates: Mapping[str, DateText]) -> list[Finding]:
    """Return the finding that a column is text although most of it is numbers, or dates, and not codes of one width."""
    advice, declared = "correct the other values in the export", 'or declare type = "category" under [predictors]'
    kinds: Counter[str] = Counter()
    for text, number in numbers.items():
        kinds[number.kind] += cells.counts[text]
    present = cells.n_present - kinds["spelling"]
    what = ""
    if kinds["number"] >= _MOSTLY * present and not _of_one_width(cells):
        what = "is a category, though at least half of its values look like numbers"
    elif cells.total(dates) >= _MOSTLY * present:
        what = "is a category, though at least half of its values look like dates"
    elif n_affixed(cells.counts) >= _MOSTLY * present:
        what = "is a category, though at least half of its values are a number or a date with the same text beside it"
        advice = "export the number or the date alone, with its unit or time zone in the column's name"
    found = bool(what) and present > 0
    return [cells.note("W-TEXT-COLUMN", what, advice=f"{advice}, {declared}", caution=True)] if found else []


def _of_one_width(cells: Cells) -> bool:
    return len({len(text) for text in cells.counts}) == 1 and all(text.isdecimal() for text in cells.counts)
