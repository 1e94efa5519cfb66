"""The measures of a stated threshold, and those that are computed on request only."""

from functools import partial

from clinpred.performance.confusion import (
    negative_predictive_value,
    positive_predictive_value,
    sensitivity,
    share_positive,
    specificity,
)
from clinpred.performance.measure import ONE_CLASS, Measure
from clinpred.performance.net_benefit import interventions_avoided, standardised_net_benefit
from clinpred.performance.on_request import (
    accuracy,
    auprc_interpolated,
    average_precision,
    balanced_accuracy,
    f1_score,
    matthews_correlation,
    youden_index,
)

_NOBODY_ABOVE = ONE_CLASS | {"S-ONE-SIDE": "no risk is at or above the threshold"}
_NOBODY_BELOW = ONE_CLASS | {"S-ONE-SIDE": "no risk is below the threshold"}
_ONE_SIDE = ONE_CLASS | {"S-ONE-SIDE": "every risk is on one side of the threshold"}

_share = partial(
    Measure,
    direction="higher",
    ideal=1.0,
    lowest=0.0,
    highest=1.0,
    not_estimable=ONE_CLASS,
    scale="logit",
    at_threshold=True,
)
_index = partial(
    Measure,
    direction="higher",
    ideal=1.0,
    lowest=-1.0,
    highest=1.0,
    not_estimable=ONE_CLASS,
    at_threshold=True,
)

DESCRIPTIONS = (
    _share(
        key="sensitivity",
        title="Sensitivity",
        definition="TP / (TP + FN), positive where risk ≥ t",
        reference="Altman and Bland 1994",
        function=sensitivity,
    ),
    _share(
        key="specificity",
        title="Specificity",
        definition="TN / (TN + FP), positive where risk ≥ t",
        reference="Altman and Bland 1994",
        function=specificity,
    ),
    _share(
        key="positive_predictive_value",
        title="Positive predictive value",
        definition="TP / (TP + FP), positive where risk ≥ t",
        reference="Altman and Bland 1994",
        function=positive_predictive_value,
        not_estimable=_NOBODY_ABOVE,
    ),
    _share(
        key="negative_predictive_value",
        title="Negative predictive value",
        definition="TN / (TN + FN), positive where risk ≥ t",
        reference="Altman and Bland 1994",
        function=negative_predictive_value,
        not_estimable=_NOBODY_BELOW,
    ),
    _share(
        key="share_positive",
        title="Share at or above the threshold",
        definition="(TP + FP) / n, positive where risk ≥ t",
        direction="neither",
        ideal=None,
        reference="Pepe et al. 2008",
        function=share_positive,
    ),
    Measure(
        key="standardised_net_benefit",
        title="Standardised net benefit",
        definition="net benefit / prevalence",
        direction="higher",
        ideal=1.0,
        lowest=None,
        highest=1.0,
        reference="Kerr et al. 2016",
        function=standardised_net_benefit,
        not_estimable=ONE_CLASS,
        at_threshold=True,
    ),
    Measure(
        key="interventions_avoided",
        title="Interventions avoided per 100 patients",
        definition="100 × (net benefit - that of treating all) × (1 - t)/t",
        direction="higher",
        ideal=None,
        lowest=None,
        highest=100.0,
        reference="Vickers and Elkin 2006",
        function=interventions_avoided,
        not_estimable=ONE_CLASS,
        at_threshold=True,
    ),
)

REQUESTED = (
    _share(
        key="auprc_interpolated",
        title="AUPRC, interpolated",
        definition="area under precision against recall, false positives growing in proportion to true ones",
        reference="Keilwagen et al. 2014",
        function=auprc_interpolated,
        at_threshold=False,
    ),
    _share(
        key="average_precision",
        title="Average precision",
        definition="Σ (recall - recall before) × precision over distinct risks",
        reference="Buckland and Gey 1994",
        function=average_precision,
        at_threshold=False,
    ),
    _share(
        key="accuracy",
        title="Accuracy",
        definition="(TP + TN) / n, positive where risk ≥ t",
        reference="Metz 1978",
        function=accuracy,
    ),
    _share(
        key="balanced_accuracy",
        title="Balanced accuracy",
        definition="(sensitivity + specificity) / 2",
        reference="Brodersen et al. 2010",
        function=balanced_accuracy,
    ),
    _index(
        key="youden",
        title="Youden index",
        definition="sensitivity + specificity - 1",
        reference="Youden 1950",
        function=youden_index,
    ),
    _share(
        key="f1",
        title="F1 score",
        definition="2 TP / (2 TP + FP + FN), positive where risk ≥ t",
        reference="Van Rijsbergen 1979",
        function=f1_score,
    ),
    _index(
        key="mcc",
        title="Matthews correlation",
        definition="correlation of outcome and positivity, positive where risk ≥ t",
        reference="Matthews 1975",
        function=matthews_correlation,
        not_estimable=_ONE_SIDE,
    ),
)
