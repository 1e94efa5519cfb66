"""The demo's export and study: SUPPORT, death within 180 days."""

import sys
from pathlib import Path

from clinpred.errors import InputRefused
from clinpred.settings.study import Study, load_study

_PLACES = (Path(__file__).parents[2] / "sample_data", Path(sys.prefix) / "share" / "clinpred" / "sample_data")


def sample_study(seed: int | None = None) -> tuple[Path, Study]:
    """Return the sample export's path and its study, with another seed on request.

    Raises
    ------
    InputRefused
        The sample data were not installed (E-NOT-FOUND).
    """
    for place in _PLACES:
        if (place / "support2.csv").exists():
            study = load_study(place / "support2.toml")
            return place / "support2.csv", study if seed is None else study.model_copy(update={"seed": seed})
    raise InputRefused(
        "E-NOT-FOUND",
        "the sample data are not installed",
        expected="sample_data/support2.csv beside the package",
        to_fix="install clinpred from a clone: pip install -e .",
    )
