"""The words that a verdict may use, and the limit that each stands for."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

FEWEST = 10
WIDEST_AUROC = 0.2
WIDEST_SLOPE = 0.8
PRECISE_SLOPE = 0.4
CHANCE = 0.5
NEAR_ONE = (0.9, 1.1)
FAR_FROM_ONE = (0.8, 1.25)
SIMILAR_AUROC = 0.05
LARGEST_MAPE = 0.05
UNSTABLE_CLASS = 0.2
MOST_UNSTABLE = 0.1
MOST_REFUSED = 0.05

Limits = tuple[float, float, float]
"""An estimate with the lower and the upper limit of its 95 % interval."""
JudgedLevel = Literal["holds", "caution", "fails", "cannot tell"]
WORST_LAST: tuple[JudgedLevel, ...] = ("holds", "caution", "fails", "cannot tell")
VERDICT_LEVELS: dict[JudgedLevel, Literal["holds", "holds with caution", "does not hold", "cannot tell"]] = {
    "holds": "holds",
    "caution": "holds with caution",
    "fails": "does not hold",
    "cannot tell": "cannot tell",
}


class Word(NamedTuple):
    """A word the verdict may use, the limit that it stands for, and the level that it leads to."""

    clause: Literal["evidence", "ranking", "risk size", "use", "change from development", "stability"]
    word: str
    limit: str
    level: JudgedLevel


_DIFFERENCE = "interval of the AUROC minus the resampled AUROC"
_ENOUGH = (
    f"at least {FEWEST} patients with and {FEWEST} without the event; 95 % interval of the AUROC at most "
    f"{WIDEST_AUROC} wide, of the slope at most {WIDEST_SLOPE}; O:E estimable"
)
WORDS = (
    Word("evidence", "enough", _ENOUGH, "holds"),
    Word("evidence", "enough, but in doubt", "as above, and a serious finding", "caution"),
    Word("evidence", "too little", "any of these not met", "cannot tell"),
    Word("ranking", "better than chance", f"whole interval of the AUROC above {CHANCE}", "holds"),
    Word("ranking", "not shown to be better than chance", f"interval of the AUROC contains {CHANCE}", "fails"),
    Word("ranking", "worse than chance", f"whole interval of the AUROC below {CHANCE}", "fails"),
    Word(
        "risk size",
        "about right",
        f"interval of the slope contains 1 and is at most {PRECISE_SLOPE} wide; or the slope is "
        f"{NEAR_ONE[0]} to {NEAR_ONE[1]} with an interval beside 1",
        "holds",
    ),
    Word(
        "risk size",
        "compatible with right, imprecise",
        f"interval of the slope contains 1 and is {PRECISE_SLOPE} to {WIDEST_SLOPE} wide",
        "caution",
    ),
    Word("risk size", "too extreme", f"slope below {NEAR_ONE[0]}, whole interval below 1", "caution"),
    Word("risk size", "far too extreme", f"whole interval of the slope below {FAR_FROM_ONE[0]}", "fails"),
    Word("risk size", "not extreme enough", f"slope above {NEAR_ONE[1]}, whole interval above 1", "caution"),
    Word("risk size", "far from extreme enough", f"whole interval of the slope above {FAR_FROM_ONE[1]}", "fails"),
    Word("risk size", "too low overall", "whole interval of O:E above 1", "caution"),
    Word("risk size", "far too low overall", f"whole interval of O:E above {FAR_FROM_ONE[1]}", "fails"),
    Word("risk size", "too high overall", "whole interval of O:E below 1", "caution"),
    Word("risk size", "far too high overall", f"whole interval of O:E below {FAR_FROM_ONE[0]}", "fails"),
    Word(
        "use",
        "useful at every threshold",
        "net benefit above treating all and none at every threshold, with the interval",
        "holds",
    ),
    Word(
        "use",
        "useful at every threshold, imprecise",
        "net benefit above treating all and none at every threshold, but at one or more not with the interval",
        "caution",
    ),
    Word("use", "useful at some thresholds", "net benefit above treating all and none at some of them", "caution"),
    Word("use", "not better than treating all or none", "net benefit above both at no threshold", "fails"),
    Word("change from development", "similar", f"whole {_DIFFERENCE} within {SIMILAR_AUROC} of 0", "holds"),
    Word("change from development", "higher", f"whole {_DIFFERENCE} above 0", "holds"),
    Word("change from development", "lower", f"whole {_DIFFERENCE} below 0", "caution"),
    Word("change from development", "cannot be told", f"{_DIFFERENCE} contains 0 and reaches beyond that", "caution"),
    Word("stability", "stable", "none of the following", "holds"),
    Word(
        "stability",
        "unstable risks",
        f"mean difference between the risks of models developed again and the model’s above {LARGEST_MAPE}",
        "caution",
    ),
    Word(
        "stability",
        "unstable decisions",
        f"more than {100 * MOST_UNSTABLE:g} % of patients change sides of a stated threshold in more than "
        f"{100 * UNSTABLE_CLASS:g} % of the models developed again",
        "caution",
    ),
    Word("stability", "often not developed", f"more than {100 * MOST_REFUSED:g} % of replicates refused", "caution"),
)
"""Every word with its limit and its level, as the report prints them."""

LEVEL_OF = {(word.clause, word.word): word.level for word in WORDS}


def overall_level(levels: Sequence[str]) -> JudgedLevel:
    """Return the worst of the judged levels; "not judged" does not count."""
    return max((level for level in WORST_LAST if level in levels), key=WORST_LAST.index)


def spread_word(slope: Limits) -> str:
    """Return the word for a calibration slope, given as estimate, lower and upper limit."""
    estimate, lower, upper = slope
    if lower <= 1 <= upper:
        return "about right" if upper - lower <= PRECISE_SLOPE else "compatible with right, imprecise"
    if NEAR_ONE[0] <= estimate <= NEAR_ONE[1]:
        return "about right"
    if upper < 1:
        return "far too extreme" if upper < FAR_FROM_ONE[0] else "too extreme"
    return "far from extreme enough" if lower > FAR_FROM_ONE[1] else "not extreme enough"


def overall_word(ratio: Limits) -> str | None:
    """Return the word for O:E, given as estimate, lower and upper limit; None where its interval contains 1."""
    _, lower, upper = ratio
    if lower > 1:
        return "far too low overall" if lower > FAR_FROM_ONE[1] else "too low overall"
    if upper < 1:
        return "far too high overall" if upper < FAR_FROM_ONE[0] else "too high overall"
    return None


def ranking_word(auroc: Limits) -> str:
    """Return the word for an AUROC, given as estimate, lower and upper limit."""
    _, lower, upper = auroc
    if lower > CHANCE:
        return "better than chance"
    return "worse than chance" if upper < CHANCE else "not shown to be better than chance"


def change_word(difference: Limits) -> str:
    """Return the word for an AUROC minus the resampled one, given as estimate, lower and upper limit."""
    _, lower, upper = difference
    if max(-lower, upper) <= SIMILAR_AUROC:
        return "similar"
    if lower > 0:
        return "higher"
    return "lower" if upper < 0 else "cannot be told"


def stability_words(*, mape: float, unstable: float, refused: float) -> list[str]:
    """Return the words for stability.

    ``mape`` is the mean absolute difference of risks, ``unstable`` the largest share of unstable patients at a stated
    threshold, ``refused`` the share of replicates that could not be developed.
    """
    found = {
        "unstable risks": mape > LARGEST_MAPE,
        "unstable decisions": unstable > MOST_UNSTABLE,
        "often not developed": refused > MOST_REFUSED,
    }
    return [word for word, is_so in found.items() if is_so] or ["stable"]
