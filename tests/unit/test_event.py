"""The event of an outcome's column: named, understood from words, or asked for."""

import numpy as np
import pytest

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.event import event_of
from clinpred.records.read import read_export
from clinpred.settings.cohort import Outcome


@pytest.fixture
def event(tmp_path):
    def of(values, column="died", **named):
        path = tmp_path / "visits.csv"
        rows = "".join(f"{value},{age}\n" for age, value in enumerate(values, start=20))
        path.write_text(f"{column},age\n{rows}", encoding="utf-8")
        return event_of(read_export(path), Outcome(column=column, **named))

    return of


def test_spellings_that_differ_in_case_are_one_event(event):
    found = event(["dead", "alive", "Dead", "DEAD", "Alive", "dead"])
    assert found.happened.tolist() == [1, 0, 1, 1, 0, 1]
    assert found.words == "dead / Dead / DEAD"
    assert [finding.code for finding in found.findings] == ["W-OUTCOME-MAP"]


def test_words_of_several_hands_are_one_event_where_each_means_the_same_everywhere(event):
    found = event(["0", "No", "N", "FALSE", "1", "Yes", "Y", "TRUE"])
    assert found.happened.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_the_event_is_death_and_not_the_last_word_of_the_alphabet(event):
    found = event(["Survived", "Died", "Died"])
    assert found.happened.tolist() == [0, 1, 1]
    assert found.words == "Died"


def test_a_missing_cell_is_no_event_and_no_absence(event):
    assert np.isnan(event(["1", "", "0"]).happened).tolist() == [False, True, False]


@pytest.mark.parametrize("column", ["alive", "survived_1y", "Survival"])
def test_a_column_that_names_survival_asks_for_the_event(event, column):
    with pytest.raises(InputRefused) as refusal:
        event(["0", "1", "1"], column=column)
    assert refusal.value.code == "E-OUTCOME-CODING"
    assert event(["0", "1", "1"], column=column, event="0").happened.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("values", "named", "code"),
    [
        (["1", "2", "2"], {}, "E-OUTCOME-CODING"),
        (["yes", "no", "unknown"], {}, "E-OUTCOME-VALUES"),
        (["0", "1", "0.5"], {}, "E-OUTCOME-VALUES"),
        (["0", "1", "2"], {"event": "2"}, "E-OUTCOME-VALUES"),
        (["0", "1", "2"], {"event": "2", "no_event": ("0",)}, "E-OUTCOME-VALUES"),
        (["0", "1", "1"], {"event": "2"}, "E-OUTCOME-EVENT"),
    ],
)
def test_what_is_not_said_is_asked_for(event, values, named, code):
    with pytest.raises(InputRefused) as refusal:
        event(values, **named)
    assert refusal.value.code == code


def test_of_three_values_the_event_and_every_absence_can_be_named(event):
    found = event(["0", "1", "2", "2.0"], event="2", no_event=("0", "1"))
    assert found.happened.tolist() == [0, 0, 1, 1]
    assert found.findings == ()


def test_a_column_of_one_word_has_no_event_to_learn_from(event):
    with pytest.raises(StatisticalRefusal) as refusal:
        event(["yes", "yes"])
    assert refusal.value.code == "S-ONE-CLASS"
