"""What a few patients stand behind is withheld, and cannot be had back by subtraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinpred.report.disclosure import redact_count, redact_histogram, redact_parts, redact_share
from clinpred.report.resampling_contents import RiskInstability, Stability

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=20)


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (1, None), (7, None), (8, 8), (4321, 4321)])
def test_one_to_seven_is_withheld_and_zero_stays(number, shown):
    assert redact_count(number) == shown


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 0, 0], [0, 0, 0]),
        ([20, 30], [20, 30]),
        ([3, 30, 9], [None, 30, None]),
        ([3, 5, 30], [None, None, 30]),
        ([3, 0, 0], [None, 0, 0]),
        ([8, 3, 8], [None, None, 8]),
    ],
)
def test_a_single_withheld_part_takes_the_next_smallest_with_it(counts, shown):
    assert redact_parts(counts) == shown


@given(COUNTS)
def test_no_shown_part_is_one_to_seven_and_every_shown_part_is_true(counts):
    for count, shown in zip(counts, redact_parts(counts), strict=True):
        assert shown is None or (shown == count and not 0 < shown < 8)


@given(COUNTS)
def test_no_single_part_follows_from_the_total(counts):
    shown = redact_parts(counts)
    has_others = sum(count > 0 for count in counts) > 1
    assert not (has_others and shown.count(None) == 1)


def test_the_classes_of_a_histogram_are_redacted_each_on_its_own():
    events, non_events = redact_histogram([2, 30, 9], [40, 20, 10])
    assert (events, non_events) == ([None, 30, None], [40, 20, 10])


@pytest.mark.parametrize("patients", [1, 7, 8, 0])
def test_a_bin_of_one_to_seven_patients_refuses_to_be_written(patients):
    def made():
        risk = {key: [0.1] for key in ("mean_absolute", "q025", "q25", "q50", "q75", "q975")}
        return RiskInstability(lower_edge=[0.0], upper_edge=[1.0], patients=[patients], **risk)

    if 0 < patients < 8:
        with pytest.raises(ValueError, match="a bin holds 1 to 7 patients"):
            made()
    else:
        assert made().patients == [patients]


@pytest.mark.parametrize(("patients", "is_shown"), [(0, True), (1, False), (7, False), (8, True), (5000, True)])
def test_a_share_that_1_to_7_patients_stand_behind_is_withheld(patients, is_shown):
    share = patients / 5000
    assert redact_share(share, 5000) == (share if is_shown else None)


@pytest.mark.parametrize("key", ["unstable", "crossing"])
def test_a_share_of_unstable_patients_that_should_be_withheld_refuses_to_be_written(example_results, key):
    stability = example_results.models["logistic_ridge"].stability
    plain = stability.model_dump()
    plain["classification"][0][key] = 7 / stability.patients
    with pytest.raises(ValueError, match="a share of patients has 1 to 7 behind it"):
        Stability.model_validate(plain)
    plain["classification"][0][key] = None
    assert getattr(Stability.model_validate(plain).classification[0], key) is None
