"""What is said of an export that identifies patients: the columns, what they seem to be, and the ways out."""

import json
import shlex
from collections.abc import Mapping, Sequence

from clinpred.errors import PrivacyRefused
from clinpred.records.audit.suspect import GEOGRAPHY, IDENTIFIER, Suspect
from clinpred.records.values.cells import counted


def refusal_of(source: str, suspects: Sequence[Suspect], patient: str | None) -> PrivacyRefused:
    """Return the refusal of an export that identifies patients: every column, and every way out.

    Parameters
    ----------
    source : str
        The name of the export.
    suspects : sequence of Suspect
        What was found and is neither dropped nor allowed; at least one.
    patient : str, optional
        The declared patient id, which cannot be dropped.
    """
    by_column: dict[str, list[Suspect]] = {}
    for suspect in suspects:
        by_column.setdefault(suspect.column, []).append(suspect)
    lines = [
        f"column `{column}`: " + "; ".join(f"{each.kind} ({each.evidence})" for each in found)
        for column, found in by_column.items()
    ]
    return PrivacyRefused(
        IDENTIFIER if any(each.code == IDENTIFIER for each in suspects) else GEOGRAPHY,
        "\n".join([*lines, f"{source}: {_summary(by_column)}"]),
        expected="no name, number, address, day of birth, or place smaller than a state, of a patient",
        to_fix=_ways_out(by_column, patient),
    )


def _summary(by_column: Mapping[str, Sequence[Suspect]]) -> str:
    identifying = sum(any(each.code == IDENTIFIER for each in found) for found in by_column.values())
    placing = len(by_column) - identifying
    parts = []
    if identifying:
        parts.append(f"{counted(identifying, 'column')} {'identifies' if identifying == 1 else 'identify'} patients")
    if placing:
        where = f"{counted(placing, 'column')} {'says' if placing == 1 else 'say'} closely where patients live"
        parts.append(f"{where} ({GEOGRAPHY})" if identifying else where)
    return ", ".join(parts)


def _ways_out(by_column: Mapping[str, Sequence[Suspect]], patient: str | None) -> str:
    columns = [column for column in by_column if column != patient]
    postcodes = [column for column, found in by_column.items() if all(each.kind == "postcode" for each in found)]
    ways = []
    if patient in by_column:
        ways.append(f"give each patient a code in `{patient}` that means nothing outside the study")
    if columns:
        drops = " ".join(f"--drop {_quoted(column)}" for column in columns)
        ways.append(f"{drops} (study.toml: [privacy] drop = [{', '.join(_toml(column) for column in columns)}])")
    ways += [
        f'--coarsen {_quoted(column + "=zip3")} (study.toml: [privacy] coarsen = {{ {_toml(column)} = "zip3" }})'
        for column in postcodes
    ]
    example = next(iter(by_column))
    ways.append(
        f'where one may stay, --allow-identifier {_quoted(example)} --because "..."'
        f' (study.toml: [privacy] allow = {{ {_toml(example)} = "..." }})'
    )
    return "; or ".join(ways)


def _quoted(word: str) -> str:
    """Return a word as a shell takes it."""
    return shlex.quote(word)


def _toml(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)
