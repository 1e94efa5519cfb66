"""Missing values by site: shares by hand, small sites pooled, and nothing that a few patients stand behind."""

import numpy as np
import pandas as pd
import pytest

from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.types import PredictorType
from clinpred.report.missingness_contents import MissingAtSites, MissingBySite
from clinpred.report.missingness_table import missing_by_site_table
from clinpred.study.missing_by_site import missing_by_site


def found_at(sites, *, repeats=1):
    """Return the contents for one predictor, of patients (and how many of them lack it) at each site."""
    rng = np.random.default_rng(0)
    site = np.concatenate([np.repeat(name, n) for name, (n, _) in sites.items()]).astype(object)
    missing = np.concatenate([np.arange(n) < lacking for n, lacking in sites.values()])
    again = np.repeat(np.arange(site.size), repeats)
    frame = pd.DataFrame(
        {"lactate": np.where(missing, np.nan, rng.normal(size=site.size)), "age": rng.normal(size=site.size)}
    )
    frame = frame.iloc[again].reset_index(drop=True)
    kinds = {name: PredictorType("number") for name in frame}
    outcome = (rng.random(site.size) < 0.5).astype(float)[again]
    ids = again.astype(str).astype(object)
    cohort = Cohort(frame, kinds, outcome, again, ids, {}, RowFlow(again.size, again.size, ()), site=site[again])
    return missing_by_site(cohort, Preparation.learn(frame, kinds, again))


def shares_of(found):
    (one,) = found.predictors
    assert one.predictor == "lactate"
    return one.shares


def test_shares_are_those_of_each_site_the_largest_first_and_no_site_is_named():
    found = found_at({"b": (100, 20), "a": (200, 30), "c": (50, 50)})
    assert (found.columns, found.patients) == (["Site 1", "Site 2", "Site 3"], [200, 100, 50])
    assert shares_of(found) == [0.15, 0.2, 1.0]
    assert found.never_at_a_site == ["lactate"]


@pytest.mark.parametrize(
    ("sites", "shares"),
    [
        ({"a": (200, 30), "b": (100, 3), "c": (50, 9)}, [0.15, None, None]),  # 3 would follow from the whole
        ({"a": (200, 30), "b": (100, 3), "c": (50, 0)}, [None, None, 0.0]),  # 0 hides nothing
        ({"a": (200, 30), "b": (100, 3), "c": (50, 4)}, [0.15, None, None]),
        ({"a": (200, 3), "b": (100, 0), "c": (50, 0)}, [None, None, None]),  # 3 in all: no site is told
        ({"a": (200, 30), "b": (100, 95), "c": (50, 9)}, [0.15, None, None]),  # 5 have the value
    ],
)
def test_a_share_that_1_to_7_patients_stand_behind_is_withheld_and_so_is_what_it_follows_from(sites, shares):
    assert shares_of(found_at(sites)) == shares


def test_patients_are_counted_not_rows():
    assert shares_of(found_at({"a": (200, 30), "b": (100, 3), "c": (50, 9)}, repeats=3)) == [0.15, None, None]


def test_sites_of_few_patients_are_one_and_take_in_the_next_smallest_until_8_are_there():
    found = found_at({"a": (100, 20), "b": (40, 10), "c": (7, 2), "d": (5, 5), "": (30, 10)})
    assert (found.columns, found.patients) == (["Site 1", "Site 2", "Site not stated", "2 smallest pooled"],
                                               [100, 40, 30, 12])  # fmt: skip
    assert found.sites == 5
    few = found_at({"a": (100, 20), "b": (40, 10), "c": (3, 2)})
    assert (few.columns, few.patients) == (["Site 1", "2 smallest pooled"], [100, 43])


def test_of_many_sites_the_range_is_shown():
    found = found_at({f"s{at}": (100, 10 + 2 * at) for at in range(13)})
    assert (found.columns, found.patients) == (["lowest", "median", "highest"], [])
    assert shares_of(found) == pytest.approx([0.10, 0.22, 0.34])


def test_one_site_or_none_tells_nothing_apart(example_results):
    assert found_at({"a": (100, 20)}) is None
    assert found_at({"a": (100, 20), "b": (3, 1)}) is None
    assert missing_by_site_table(example_results.model_copy(update={"missing_by_site": None})).rows == ()


def test_the_table_says_what_is_withheld_and_what_is_never_measured_at_a_site(example_results):
    table = missing_by_site_table(example_results)
    assert table.header == ("Predictor", "Site 1 (n = 1,402)", "Site 2 (n = 781)", "4 smallest pooled (n = 97)")
    assert {row[0]: row[1:] for row in table.rows}["wblc"] == ("withheld", "3.0 %", "withheld")
    assert "measured at others: `ph`." in table.caption


def test_contents_with_a_small_site_are_refused():
    with pytest.raises(ValueError, match="a site has 1 to 7 patients"):
        MissingBySite(sites=2, columns=["Site 1", "Site 2"], patients=[100, 7], predictors=[], never_at_a_site=[])
    one = MissingAtSites(predictor="x", shares=[0.1])
    with pytest.raises(ValueError, match="not those of the columns"):
        MissingBySite(sites=2, columns=["a", "b"], patients=[100, 70], predictors=[one], never_at_a_site=[])
