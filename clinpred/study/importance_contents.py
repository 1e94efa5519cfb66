"""What the models lean on, brought into the contents of the report."""

from clinpred.explanation.importance import PermutationImportance
from clinpred.report import importance_contents as contents
from clinpred.study.judgement import ModelImportance


def importance_contents(found: ModelImportance) -> contents.Importance:
    """Return what one model leans on: each predictor, then each cluster of those that go together."""
    shapley = found.shapley
    together = {one.members: one for one in shapley.clusters}
    return contents.Importance(
        permutation=[
            contents.PermutationImportance(predictor=one.members[0], told_apart=one.told_apart, **_worsened(one))
            for one in found.permutation
        ],
        clusters=[
            contents.ClusterImportance(
                members=list(one.members),
                mean_absolute=together[one.members].mean_absolute,
                dependent=together[one.members].dependent,
                **_worsened(one),
            )
            for one in found.clusters
        ],
        shapley=[
            contents.ShapleyImportance(
                predictor=one.members[0], mean_absolute=one.mean_absolute, dependent=one.dependent
            )
            for one in shapley.importances
        ],
        shapley_method=shapley.method,
        shapley_patients=shapley.patients,
    )


def _worsened(one: PermutationImportance) -> dict[str, float | None]:
    loss, auroc = one.log_loss, one.auroc
    return {
        "increase": loss.estimate,
        "lower": loss.lower,
        "upper": loss.upper,
        "auroc_drop": auroc.estimate,
        "auroc_drop_lower": auroc.lower,
        "auroc_drop_upper": auroc.upper,
    }
