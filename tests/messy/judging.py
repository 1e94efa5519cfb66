"""What ``clinpred check`` makes of a case: read and audited by the command's own steps, without its pages."""

import math
from dataclasses import dataclass

from clinpred.cli.commands import main
from clinpred.cli.options import asked_check, asked_source
from clinpred.errors import ClinpredError, StatisticalRefusal
from clinpred.records.canonical import canonical_table
from clinpred.study.audited import assembled, read_without_identifiers


@dataclass(frozen=True)
class Answer:
    """The table and the codes of the findings, or the code of the refusal and its exit code."""

    table: list[list[str]] | None = None
    codes: frozenset[str] = frozenset()
    refused: str = ""
    exit_code: int = 0
    said: str = ""


def answer(arguments):
    """Return what the command answers to these arguments."""
    exports, options = _options(arguments)
    try:
        source, asked = asked_source(exports, options), asked_check(exports, options)
        export, of_identity = read_without_identifiers(source, asked)
        found = [*of_identity, *(_assembled(export, asked.study) if asked.study else export.findings)]
    except ClinpredError as refusal:
        return Answer(refused=refusal.code, exit_code=refusal.exit_code, said=str(refusal))
    return Answer(canonical_table(export), frozenset(finding.code for finding in found))


def _options(arguments):
    context = main.commands["check"].make_context("check", list(map(str, arguments)))
    options = dict(context.params)
    options["table"] = None
    return options.pop("exports"), options


def _assembled(export, study):
    try:
        return assembled(export, study)[1]
    except StatisticalRefusal as refusal:
        return [refusal, *export.findings]


def arguments_of(case, folder):
    """Write the case's files, and return the arguments of ``clinpred check`` for them."""
    path = folder / case.file_name
    path.write_bytes(case.content)
    paths = [path]
    for name, content in case.beside:
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    given = list(case.options)
    for option, column in (("--outcome", "died30"), ("--patient-id", "patient_id")):
        is_said = option in given or (option == "--patient-id" and not case.declared)
        given += [] if is_said else [option, column]
    return [*paths, *given]


def verdict(case, found):
    """Return ``loaded``, ``refused``, or what is wrong with the answer."""
    if found.refused:
        if not case.refused:
            return f"refused although it can be read: {found.said}"
        return "refused" if found.refused in case.refused else f"refused by another code: {found.said}"
    if case.refused:
        return "silently accepted"
    wrong = difference(found.table, [list(case.expected.names), *map(list, case.expected.rows)], case.numbers)
    if wrong:
        return f"silently wrong: {wrong}"
    unsaid = [code for code in case.codes if code not in found.codes]
    return f"without {', '.join(unsaid)}" if unsaid else "loaded"


def difference(table, expected, numbers):
    """Return where two tables differ first; numbers may be written in a shorter way."""
    if table[0] != expected[0]:
        return f"header {table[0][:12]}"
    if len(table) != len(expected):
        return f"{len(table) - 1} rows, not {len(expected) - 1}"
    for at, name in enumerate(expected[0]):
        for row in range(1, len(table)):
            found, wanted = table[row][at], expected[row][at]
            if found != wanted and not (name in numbers and found and wanted and _same_number(found, wanted)):
                return f"{name} in row {row}: {found!r}, not {wanted!r}"
    return ""


def _same_number(found, wanted):
    try:
        return math.isclose(float(found), float(wanted), rel_tol=1e-12)
    except ValueError:
        return False
