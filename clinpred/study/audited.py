"""The first pages of every story about an export: read it, settle who is identified, assemble the cohort."""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.audit.date_order import date_order_findings
from clinpred.records.audit.identity import refuse_contradictions, settle_identity
from clinpred.records.audit.small_groups import small_groups
from clinpred.records.cohort import Cohort, assemble
from clinpred.records.findings import Finding
from clinpred.records.read import Export, Source, read_export
from clinpred.settings.cohort import Roles
from clinpred.settings.export import Reading
from clinpred.settings.frozen import Frozen
from clinpred.settings.privacy import Privacy
from clinpred.settings.study import Study

LEAKS = frozenset({"S-LEAK", "S-FUTURE"})
NOT_HELD_AGAINST = frozenset(
    {"W-DROPPED", "W-COARSENED", "W-IDENTIFIER-ALLOWED", "W-LEAK-KEPT", "W-AGE-90", "W-K-ANON", "W-DICTIONARY"}
)
"""What the analyst has decided, and what is so of nearly every export: recorded, but no reason to be strict."""


class Asked(Frozen):
    """What is asked of an export before anything is learnt, and the study where there is one."""

    export: Reading = Reading()
    roles: Roles = Roles()
    privacy: Privacy = Privacy()
    strict: bool = False
    study: Study | None = None

    @classmethod
    def of(cls, study: Study) -> "Asked":
        """Return what a study asks."""
        return cls(export=study.export, roles=study.roles, privacy=study.privacy, strict=study.strict, study=study)


@dataclass(frozen=True)
class Audited:
    """An export without what identifies patients, the cohort that a study asks for, and what was noticed."""

    export: Export
    cohort: Cohort
    findings: tuple[Finding, ...]


def audit(source: Source, study: Study) -> Audited:
    """Read an export, settle its identifiers, and assemble its cohort.

    Parameters
    ----------
    source : Path, sequence of Path, or Database
        The record export.
    study : Study
        What is asked of it.

    Raises
    ------
    ClinpredError
        Whatever is refused.
    """
    export, of_identity = read_without_identifiers(source, Asked.of(study))
    cohort, findings = assembled(export, study)
    return Audited(export, cohort, (*of_identity, *findings))


def assembled(export: Export, study: Study) -> tuple[Cohort, list[Finding]]:
    """Assemble the cohort; of a strict study, refuse it where anything was noticed."""
    cohort, findings = assemble(export, study)
    if study.strict:
        _refuse_any(findings, StatisticalRefusal)
    return cohort, findings


def read_without_identifiers(source: Source, asked: Asked) -> tuple[Export, list[Finding]]:
    """Read an export, drop and coarsen what the analyst says; return it and what that left to say.

    Raises
    ------
    PrivacyRefused
        P-IDENTIFIER, P-GEO: what is left identifies patients.
    InputRefused, ResourceRefused
        Those of ``read_export``; if it is asked to be strict, whatever was noticed.
    """
    refuse_contradictions(asked.privacy, asked.roles.patient)
    read = read_export(source, asked.export, drop=asked.privacy.drop)
    rest = asked.privacy.model_copy(update={"drop": ()})
    export, of_identity = settle_identity(read, rest, patient=asked.roles.patient)
    noticed = [
        *of_identity,
        *date_order_findings(export),
        *small_groups(export.table, export.types),
    ]
    if asked.strict:
        _refuse_any([*export.findings, *noticed], InputRefused)
    return export, noticed


def refuse_leaks(findings: Sequence[Finding]) -> None:
    """Refuse a cohort of which a predictor tells the outcome, as nothing known at prediction could.

    Raises
    ------
    StatisticalRefusal
        S-LEAK, S-FUTURE: with the columns.
    """
    leaks = [finding for finding in findings if finding.code in LEAKS]
    if not leaks:
        return
    aside = " ".join(f"--set-aside {quote(str(finding.column))}" for finding in leaks)
    code = leaks[0].code
    raise StatisticalRefusal(
        code,
        "\n".join(finding.text for finding in leaks),
        expected="predictors that are known at the moment of prediction",
        to_fix=f"put them aside ({aside}), or keep what is known then (--keep COLUMN --because WHY)",
    )


def _refuse_any(findings: Sequence[Finding], refusal: type[InputRefused] | type[StatisticalRefusal]) -> None:
    warnings = [
        finding for finding in findings if finding.code.startswith("W-") and finding.code not in NOT_HELD_AGAINST
    ]
    if not warnings:
        return
    code = warnings[0].code
    raise refusal(
        code,
        "\n".join(f"{finding.code}: {finding.text}" for finding in warnings),
        expected="nothing to be noticed (--strict)",
        to_fix="settle each by its own option or in the export (`clinpred explain CODE`), or leave --strict out",
    )
