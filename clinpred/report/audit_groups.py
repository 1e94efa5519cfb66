"""Findings of one code and columns of one role, together: what keeps a page of thousands of columns readable."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinpred.codes import Code, explain
from clinpred.report.audit_columns import AuditColumn, ColumnRole
from clinpred.report.contents import FindingItem
from clinpred.report.numbers import count, listed
from clinpred.report.part import Level

MANY_COLUMNS = 60
A_TABLE = 100
_NAMED = 3
_MOST_MISSING = 20
_GROUPS: tuple[tuple[str, tuple[ColumnRole, ...]], ...] = (
    ("Outcome, patient, place and time", ("outcome", "patient id", "site", "date", "index date")),
    ("Candidate predictors", ("predictor",)),
    ("Columns whose role is not settled", ("not settled",)),
    ("Risks to compare with", ("comparator",)),
    ("Set aside by the study", ("set aside",)),
    ("Left out, with the reason", ("left out",)),
)


@dataclass(frozen=True)
class FindingGroup:
    """All findings of one code: what the catalogue says of it, and where it was found.

    ``headline`` and ``advice`` are what the first screen says of them; ``anchor`` is where the page tells them all.
    """

    code: Code
    level: Level
    items: tuple[FindingItem, ...]
    anchor: str

    @property
    def headline(self) -> str:
        """The finding itself, or what all of them are and the first columns that have it."""
        if len(self.items) == 1:
            return self.items[0].text
        columns = list(dict.fromkeys(item.column for item in self.items if item.column is not None))
        if not columns:
            return f"{self.code.title}: {len(self.items)} times"
        named = [f"`{column}`" for column in columns[:_NAMED]]
        more = len(columns) - len(named)
        return f"{self.code.title}: {listed([*named, *([f'{count(more)} more columns'] if more else [])])}"

    @property
    def advice(self) -> str:
        """What to do, where it is the same for all of them, or what the catalogue says."""
        advices = {item.advice for item in self.items}
        return advices.pop() if len(advices) == 1 else self.code.to_do

    @property
    def shares_advice(self) -> bool:
        """Whether all findings of the code have the same advice."""
        return len({item.advice for item in self.items}) == 1


@dataclass(frozen=True)
class ColumnGroup:
    """Columns of one kind of role, in tables of at most a hundred."""

    title: str
    columns: tuple[AuditColumn, ...]

    @property
    def tables(self) -> list[tuple[AuditColumn, ...]]:
        """The columns, a hundred a table."""
        return [self.columns[at : at + A_TABLE] for at in range(0, len(self.columns), A_TABLE)]

    @property
    def shown(self) -> dict[str, bool]:
        """What there is to say of any of the columns beside its name, its type and its missing values."""
        return {
            "unit": any(column.unit for column in self.columns),
            "levels": any(column.distinct is not None for column in self.columns),
            "role": len({column.role for column in self.columns}) > 1,
            "why": any(column.why for column in self.columns),
            "decisions": any(column.decisions for column in self.columns),
            "codes": any(column.codes for column in self.columns),
        }


def grouped_findings(findings: Sequence[FindingItem]) -> list[FindingGroup]:
    """Return the findings by code and level, in the order in which they come: serious ones first."""
    together: dict[tuple[str, Level], list[FindingItem]] = {}
    for finding in findings:
        together.setdefault((finding.code, finding.level), []).append(finding)
    seen: set[str] = set()
    groups = []
    for (code, level), items in together.items():
        groups.append(FindingGroup(explain(code), level, tuple(items), f"{code}-{level}" if code in seen else code))
        seen.add(code)
    return groups


def grouped_columns(columns: Sequence[AuditColumn]) -> list[ColumnGroup]:
    """Return the columns by role; of many columns, before them, those most often missing."""
    groups = [
        ColumnGroup(title, tuple(column for column in columns if column.role in roles)) for title, roles in _GROUPS
    ]
    if len(columns) > MANY_COLUMNS:
        often = sorted((one for one in columns if one.missing_share), key=lambda one: -(one.missing_share or 0.0))
        groups.insert(0, ColumnGroup("Most often missing, of all columns", tuple(often[:_MOST_MISSING])))
    return [group for group in groups if group.columns]
