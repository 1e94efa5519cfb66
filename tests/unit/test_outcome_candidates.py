"""Which columns may be the outcome: names in several languages, codings, and what is guessed."""

import pytest

from clinpred.records.audit.follow_up import find_follow_up_times, horizons, time_of_event
from clinpred.records.audit.outcome_candidates import binary_columns, find_outcomes, outcome_candidate
from clinpred.records.event import event_of
from clinpred.records.read import read_export
from clinpred.settings.cohort import Outcome

N = 90


@pytest.fixture
def export_of(tmp_path):
    """Return the export of columns given as lists."""

    def build(columns):
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *(",".join(str(cell) for cell in row) for row in rows)]
        (tmp_path / "visits.csv").write_text("\n".join(lines), encoding="utf-8")
        return read_export(tmp_path / "visits.csv")

    return build


def ages():
    return [20 + (7 * row) % 71 for row in range(N)]


def every(third, other):
    return [third if row % 3 == 0 else other for row in range(N)]


def names(export):
    return [candidate.column for candidate in find_outcomes(export)]


@pytest.mark.parametrize(
    "name",
    [
        *("death", "died30", "hospdead", "in_hospital_mortality", "Outcome", "os_event", "vital_status", "readmitted"),
        *(
            "relapse",
            "verstorben",
            "décès",
            "fallecido",
            "óbito",
            "overleden",
            "dødsfall",
            "ricaduta",
            "status",
            "Class",
        ),
    ],
)
def test_a_name_tells_in_several_languages(export_of, name):
    assert names(export_of({"age": ages(), name: every(1, 0), "smoker": every(0, 1)})) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "smoking_status",
        "prior_readmission",
        "family_history_death",
        "marital_status",
        "sex",
        "nyha_class",
        "death_cause",
    ],
)
def test_a_name_of_what_was_before_or_is_something_else_does_not(export_of, name):
    assert names(export_of({"age": ages(), name: every(1, 0), "bmi": ages()})) == []


def test_death_comes_before_relapse_and_an_illness_is_no_candidate_beside_them(export_of):
    columns = {"diabetes": every(1, 0), "recur": every(0, 1), "death": every(1, 0), "age": ages()}
    assert names(export_of(columns)) == ["death", "recur"]


def test_an_illness_is_the_outcome_where_nothing_else_is(export_of):
    (found,) = find_outcomes(export_of({"age": ages(), "bmi": ages(), "diabetes": every("pos", "neg")}))
    assert (found.column, found.event, found.guess, found.events, found.known) == ("diabetes", "pos", "", 30, 90)


def test_words_of_death_tell_whatever_the_column_is_called(export_of):
    (found,) = find_outcomes(export_of({"age": ages(), "q17": every("Dead", "Alive"), "bmi": ages()}))
    assert (found.column, found.event, found.guess) == ("q17", "Dead", "")


def test_where_no_column_can_be_the_outcome_none_is_found(export_of):
    export = export_of({"sex": every("f", "m"), "age": ages()})
    assert find_outcomes(export) == []
    assert binary_columns(export) == ["sex"]


@pytest.mark.parametrize(
    ("values", "event", "guessed"),
    [
        (every(1, 0), "1", False),
        (every("yes", "no"), "yes", False),
        (every("Died", "Survived"), "Died", False),
        (every(2, 1), "2", True),
        (every("Impaired", "Control"), "Impaired", True),
        (every("rare", "usual"), "rare", True),
    ],
)
def test_the_event_is_known_or_said_to_be_guessed(export_of, values, event, guessed):
    found = outcome_candidate(export_of({"age": ages(), "outcome": values}), "outcome")
    assert (found.event, bool(found.guess), found.events) == (event, guessed, 30)


@pytest.mark.parametrize(("values", "event"), [(every(0, 1), "0"), (every("no", "yes"), "no")])
def test_of_who_survived_the_event_is_the_opposite(export_of, values, event):
    found = outcome_candidate(export_of({"age": ages(), "survived": values}), "survived")
    assert (found.event, found.events) == (event, 30)
    assert "opposite" in found.guess


def test_of_three_codes_the_highest_is_guessed_and_the_others_are_its_absence(export_of):
    values = [2 if row % 3 == 0 else 1 if row % 9 == 1 else 0 for row in range(N)]
    (found,) = find_outcomes(export_of({"age": ages(), "status": values}))
    assert (found.event, found.no_event, found.events, found.known) == ("2", ("0", "1"), 30, 90)
    assert "the highest of 3 codes" in found.guess


def test_a_value_of_fewer_than_eight_rows_is_never_written_down(export_of):
    values = [*every("died", "lived")[:-7], *["withdrawn"] * 7]
    assert outcome_candidate(export_of({"age": ages(), "outcome": values}), "outcome") is None
    values = [*every("died", "lived")[:-8], *["withdrawn"] * 8]
    assert outcome_candidate(export_of({"age": ages(), "outcome": values}), "outcome").no_event == (
        "lived",
        "withdrawn",
    )


def test_several_words_of_one_meaning_need_no_event(export_of):
    values = [("yes", "Y", "no", "N")[row % 4] for row in range(N)]
    (found,) = find_outcomes(export_of({"age": ages(), "died": values}))
    assert (found.event, found.events, found.known) == (None, 46, 90)


def test_an_event_that_was_asked_for_is_no_guess(export_of):
    export = export_of({"age": ages(), "outcome": every(2, 1)})
    found = outcome_candidate(export, "outcome", event="1")
    assert (found.event, found.guess, found.events) == ("1", "", 60)


def followed(n=N):
    """Return times with the event (every third row), shorter, and without it, longer than a year."""
    return [60 + 3 * row if row % 3 == 0 else 900 + row for row in range(n)]


@pytest.mark.parametrize(
    ("event", "time"),
    [
        *(("death", "dtime"), ("recur", "rtime"), ("status", "futime"), ("os_event", "os_days"), ("e.tdm", "t.tdm")),
        *(("event", "time"), ("death", "d.time"), ("died", "follow_up_days"), ("relapse", "time_to_relapse")),
    ],
)
def test_a_time_belongs_to_its_event(export_of, event, time):
    export = export_of({"age": ages(), time: followed(), event: every(1, 0)})
    happened = event_of(export, Outcome(column=event)).happened
    assert [found.column for found in find_follow_up_times(export)] == [time]
    assert time_of_event(export, event, happened, times=find_follow_up_times(export)).column == time


def test_each_event_has_its_own_time(export_of):
    columns = {"rtime": followed(), "recur": every(1, 0), "dtime": followed(), "death": every(1, 0)}
    export = export_of(columns)
    times = find_follow_up_times(export)
    happened = event_of(export, Outcome(column="death")).happened
    assert time_of_event(export, "death", happened, times=times).column == "dtime"
    assert time_of_event(export, "recur", happened, times=times).column == "rtime"


@pytest.mark.parametrize("name", ["protime", "bleeding_time", "day", "smokeyrs", "timepoint", "door_to_needle_time"])
def test_other_times_are_no_follow_up(export_of, name):
    assert find_follow_up_times(export_of({name: followed(), "death": every(1, 0)})) == []


@pytest.mark.parametrize(
    ("name", "longest", "in_days"),
    [("futime", 1000, True), ("time", 48, False), ("days", 48, True), ("fu_months", 900, False)],
)
def test_a_unit_is_only_days_where_it_is_said_or_nothing_else_can_be(export_of, name, longest, in_days):
    times = [round(longest * (row + 1) / N) for row in range(N)]
    (found,) = find_follow_up_times(export_of({name: times, "death": every(1, 0)}))
    assert found.in_days is in_days


def test_horizons_count_events_and_those_censored_before(export_of):
    """30 rows have the event on day 60, 63, ...; 60 are followed for 900 days and more; one leaves on day 10."""
    times, events = followed(), every(1, 0)
    times[1] = 10
    export = export_of({"futime": times, "death": events})
    timed = Outcome(event_column="death", event="1", time_column="futime", horizon_days=1)
    found = {each.days: each for each in horizons(export, timed)}
    happened = [time for time, event in zip(times, events, strict=True) if event]
    assert (found[180].events, found[180].censored, found[180].known) == (sum(t <= 180 for t in happened), 1, 89)
    assert found[730].events == 30
    assert found[730].is_borne
    assert not found[90].is_borne
    assert 1095 not in found  # all who were without the event had left: one class
