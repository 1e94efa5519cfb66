"""What is to be said of a preparation: predictors dropped, pooled, represented or summed up, by name."""

from clinpred.predictors.encoding import CategoryRule
from clinpred.predictors.preparation import Preparation
from clinpred.records.findings import Finding


def preparation_findings(preparation: Preparation) -> list[Finding]:
    """Return what was dropped, pooled or reduced."""
    return [
        *_alias_findings(preparation),
        *_constant_findings(preparation),
        *_rare_findings(preparation),
        *_pool_findings(preparation),
        *_cluster_findings(preparation),
    ]


def _alias_findings(preparation: Preparation) -> list[Finding]:
    advice = "nothing to do: the information stays in the model through the other columns"
    return [Finding("W-ALIAS", "note", alias.sentence, advice, column=alias.name) for alias in preparation.aliases]


def _constant_findings(preparation: Preparation) -> list[Finding]:
    text = "`{}` has one value among the development patients: dropped"
    advice = "nothing to do, unless it should vary: then check the export"
    return [Finding("W-CONSTANT", "note", text.format(name), advice, column=name) for name in preparation.constants]


def _rare_findings(preparation: Preparation) -> list[Finding]:
    text = "`{}` differs in fewer than 8 development patients: not used"
    advice = "nothing to do, unless it matters: then gather more patients or merge levels in the export"
    return [Finding("W-RARE-LEVEL", "caution", text.format(name), advice, column=name) for name in preparation.rare]


def _pool_findings(preparation: Preparation) -> list[Finding]:
    advice = "nothing to do, unless such a level matters: then merge levels in the export"
    return [
        Finding("W-RARE-LEVEL", "note", _fate_of_rare(rule), advice, column=rule.predictor)
        for rule in preparation.rules
        if rule.kind == "category" and (rule.pool or rule.unpooled)
    ]


def _cluster_findings(preparation: Preparation) -> list[Finding]:
    advice = "nothing to do: the study asks for it (study.toml: correlation)"
    represented = [
        Finding("W-CLUSTER", "note", one.sentence, advice, column=one.name) for one in preparation.represented
    ]
    return [*represented, *(Finding("W-CLUSTER", "note", one.sentence, advice) for one in preparation.components)]


def _fate_of_rare(rule: CategoryRule) -> str:
    fate = "pooled" if rule.pool else "handled as missing: together they are too few for a pool"
    return f"`{rule.predictor}`: levels that fewer than 8 development patients have are {fate}"
