"""The proposed study file: valid TOML, with its evidence, the same every time, and without a value of any patient."""

import re
import tomllib

import numpy as np
import pytest

from clinpred.errors import InputRefused, WrongUsage
from clinpred.settings.export import Reading
from clinpred.settings.study import study_from
from clinpred.study.commented_toml import Line, section, setting
from clinpred.study.proposal import propose_study

N = 240
OFFERED = re.compile(r'# ((?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*") = .*)')


def ages(rng, n=N):
    return rng.integers(30, 85, n)


def trial(n=N):
    """Return a trial in which every third patient has the event between day 40 and 1500, and nobody leaves before."""
    rng = np.random.default_rng(1)
    died = np.arange(n) % 3 == 0
    return {
        "pid": 7000 + rng.permutation(n),
        "year": rng.integers(1990, 1995, n),
        "age": ages(rng, n),
        "size": rng.choice(["<=20", "20-50", ">50"], n),
        "dtime": np.where(died, rng.integers(40, 1500, n), rng.integers(2000, 2600, n)),
        "death": died.astype(int),
    }


@pytest.fixture
def propose(tmp_path):
    """Return the proposal for columns given as lists."""

    def build(columns, reading=None, *, name="visits.csv", **asked):
        rows = zip(*columns.values(), strict=True)
        header = ",".join('"' + column.replace('"', '""') + '"' for column in columns)
        lines = [header, *(",".join(str(cell) for cell in row) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose_study(tmp_path / name, reading or Reading(), asked=asked)

    return build


def settings(proposal):
    return tomllib.loads(proposal.text)


def line_of(proposal, start):
    return next(line for line in proposal.text.splitlines() if line.startswith(start))


def test_what_is_proposed_for_a_trial(propose):
    found = settings(propose(trial()))
    assert found["outcome"] == {
        "event_column": "death",
        "event": "1",
        "time_column": "dtime",
        "horizon_days": 1826,
        "early_censoring": "refuse",
    }
    assert found["roles"] == {"patient": "pid"}
    assert found["predictors"] == {"age": {"unit": "years", "range": [0, 120]}}
    assert (found["name"], found["seed"]) == ("visits", 20)
    assert found["partition"] == {"by": "patient", "held_out": 0.25}


def test_each_line_says_why(propose):
    proposal = propose(trial())
    assert line_of(proposal, "event_column").endswith(
        "# named after death; 80 of 240 rows (33.3%) have the event sometime"
    )
    assert line_of(proposal, "patient").endswith("# 240 ids in 240 rows: one row a patient")
    assert line_of(proposal, "#    1826 days").split() == "# 1826 days 80 (33.3%) 0 ( 0.0%) <- in use".split()  # noqa: SIM905
    assert '# size = { type = "ordered", levels = ["<=20", "20-50", ">50"] }' in proposal.text
    assert '# year = "a calendar year says when' in proposal.text
    assert proposal.lines[:2] == (
        "outcome: death within 1826 days (dtime), event 1: 80 of 240 rows (33.3%) by then",
        "patient: pid, 240 ids in 240 rows",
    )


def test_the_file_says_what_it_was_made_from(propose):
    first, second, *_ = propose(trial()).text.splitlines()
    assert first == "# Study file for visits.csv: 240 rows, 6 columns,"
    assert re.fullmatch(r"# sha256 [0-9a-f]{64},", second)


def test_the_same_export_gives_the_same_text(propose):
    assert propose(trial()) == propose(trial())


def test_no_line_is_wider_than_the_page_but_for_what_cannot_be_broken(propose):
    columns = trial() | {f"a_rather_long_name_of_a_column_{k}": trial()["age"] for k in range(3)}
    assert max(len(line) for line in propose(columns).text.splitlines()) <= 120


def test_every_setting_that_is_offered_is_toml_once_uncommented(propose):
    columns = trial() | {"hb": [0.5, *[13] * (N - 1)], "recur": trial()["death"], "rtime": trial()["dtime"]}
    lines = propose(columns).text.splitlines()
    offered = [found[1] for line in lines if (found := OFFERED.fullmatch(line))]
    assert len(offered) > 10
    for line in offered:
        assert len(tomllib.loads(line)) == 1


ODD = ["d.time", "a = b", 'the "new" one', "Größe", "[x]", "# no", "back\\slash", "a.b.c", "'s", "日本", "true"]


def test_odd_names_are_quoted_and_the_file_runs(propose):
    columns = trial() | {name: trial()["age"] + k for k, name in enumerate(ODD)}
    found = settings(propose(columns, set_aside=dict.fromkeys(ODD, 'said with "quotes" and a \\')))
    assert set(ODD) <= set(found["set_aside"])
    assert study_from(found, source="study.toml").set_aside["d.time"] == 'said with "quotes" and a \\'


def test_nothing_of_a_patient_is_in_the_file(propose):
    rng = np.random.default_rng(3)
    free = [f"canary{row:04d} was seen by a colleague and sent home again" for row in range(N)]
    columns = trial() | {
        "admission_date": [f"2031-07-{1 + row % 28:02d}" for row in range(N)],
        "crp": np.round(rng.uniform(5, 90, N), 3) + 0.0001234,
        "comment": free,
        "ward": [f"canary-{row}" if row < 3 else "A" for row in range(N)],
        "stage": [("I", "II", "III")[row % 3] if row else "IV" for row in range(N)],
    }
    text = propose(columns).text
    values = {str(cell) for name in ("pid", "dtime", "crp", "admission_date") for cell in columns[name]}
    assert not [value for value in values if re.search(rf"\b{re.escape(value)}\b", text)]
    assert "canary" not in text
    assert "IV" not in text


def test_columns_that_identify_patients_are_dropped(propose):
    names = [("Miriam Keller", "Ahmed Yilmaz", "John Fisher", "Anna Lindqvist")[row % 4] for row in range(N)]
    births = [f"{1930 + row % 50}-05-{1 + row % 28:02d}" for row in range(N)]
    proposal = propose(trial() | {"patient_name": names, "date_of_birth": births})
    assert settings(proposal)["privacy"]["drop"] == ["patient_name", "date_of_birth"]
    assert "[P-IDENTIFIER]" in proposal.text
    assert "Miriam" not in proposal.text


def test_zeros_of_what_cannot_be_zero_are_read_as_missing(propose):
    rng = np.random.default_rng(4)
    zero = rng.random(N) < 0.1
    columns = trial() | {
        "glucose": np.where(zero, 0, rng.integers(80, 180, N)),
        "bmi": np.where(zero, 0, rng.integers(18, 40, N)),
        "sbp": np.where(zero, 0, rng.integers(100, 180, N)),
        "pregnancies": rng.integers(0, 5, N),
    }
    proposal = propose(columns)
    assert settings(proposal)["export"]["missing"] == {"glucose": ["0"], "bmi": ["0"], "sbp": ["0"]}
    assert f"{zero.sum()} x 0 among 240 values of glucose, which cannot be 0" in proposal.text
    assert settings(proposal)["predictors"]["sbp"] == {"unit": "mmHg", "range": [20, 300]}


def test_a_heart_may_stand_still(propose):
    heart = np.random.default_rng(4).integers(50, 120, N)
    heart[[5, 60]] = 0
    proposal = propose(trial() | {"heart_rate": heart})
    assert settings(proposal)["export"]["missing"] == {}
    assert line_of(proposal, "# heart_rate = [").endswith("values of heart rate: the dying, or not known?")
    assert settings(proposal)["predictors"]["heart_rate"] == {"unit": "/min"}
    assert 'range = [10, 350], below_range = "missing" }' in line_of(proposal, "# heart_rate = {")


def test_numbers_apart_are_read_as_missing_with_their_count(propose):
    sodium = np.where(np.arange(N) % 40 == 0, 999, np.random.default_rng(7).integers(130, 145, N))
    proposal = propose(trial() | {"sodium": sodium})
    assert settings(proposal)["export"]["missing"] == {"sodium": ["999"]}
    assert line_of(proposal, "sodium = [").endswith("# 6 x 999 apart from all other values")
    assert settings(proposal)["predictors"]["sodium"]["range"] == [90, 210]


def test_an_outcome_that_is_unknown_is_missing(propose):
    columns = trial()
    columns["death"] = [
        "unknown" if row % 10 == 1 else "dead" if died else "alive" for row, died in enumerate(columns["death"])
    ]
    found = settings(propose(columns))
    assert found["export"]["missing"] == {"death": ["unknown"]}
    assert found["outcome"]["event"] == "dead"
    assert "no_event" not in found["outcome"]


def test_other_outcomes_stand_below_and_are_set_aside(propose):
    columns = trial() | {"rtime": trial()["dtime"] - 5, "recur": trial()["death"]}
    proposal = propose(columns)
    assert settings(proposal)["set_aside"].keys() == {"rtime", "recur"}
    assert {'# event_column = "recur"', '# time_column = "rtime"'} <= set(proposal.text.splitlines())
    assert "  or: recur" in proposal.lines


def test_columns_measured_later_leaks_ids_and_row_numbers_are_set_aside(propose):
    rng = np.random.default_rng(5)
    died = trial()["death"]
    columns = (
        {"rownames": np.arange(1, N + 1)}
        | trial()
        | {
            "wt71": rng.integers(50, 90, N),
            "wt82": rng.integers(50, 90, N),
            "sm71": rng.integers(0, 40, N),
            "sm82": rng.integers(0, 40, N),
            "yrdth": [91 if event else "" for event in died],
            "los": rng.integers(1, 30, N),
            "hadm_id": 90000 + rng.permutation(N),
            "nothing": ["" for _ in range(N)],
            "same": [1] * N,
        }
    )
    aside = settings(propose(columns))["set_aside"]
    assert set(aside) == {"rownames", "wt82", "sm82", "yrdth", "los", "hadm_id", "nothing", "same"}
    assert aside["yrdth"] == "looks like a leak: it is missing in 0 of 80 rows with the event and in 160 of 160 without"
    assert aside["wt82"] == "looks measured later: its name says 82, and 2 such columns have a twin of 71: check"


def test_ready_made_risks_are_comparators(propose):
    rng = np.random.default_rng(6)
    lives = np.clip(0.6 - 0.3 * trial()["death"] + rng.uniform(-0.25, 0.25, N), 0, 1)
    proposal = propose(trial() | {"surv6m": np.round(lives, 3), "noise_prob": np.round(rng.uniform(0, 1, N), 3)})
    assert settings(proposal)["comparators"] == {"surv6m": {"survival": True}}
    assert "noise_prob" in proposal.text


def test_times_that_may_be_months_are_no_horizon(propose):
    columns = trial()
    columns["time"] = np.asarray(columns.pop("dtime")) // 60
    proposal = propose(columns)
    assert settings(proposal)["outcome"] == {"column": "death", "event": "1"}
    assert settings(proposal)["set_aside"].keys() == {"time"}
    assert "CHECK: the follow-up time `time` may be in months or years" in proposal.text


def test_where_no_horizon_is_borne_the_outcome_stands_alone_with_a_warning(propose):
    columns = trial()
    columns["dtime"] = np.where(columns["death"] == 1, 800, 790) + np.arange(N) // 9
    proposal = propose(columns)
    assert settings(proposal)["outcome"] == {"column": "death", "event": "1"}
    assert "CHECK: the follow-up time `dtime` bears no round horizon" in proposal.text


def test_a_guessed_event_is_said_to_be_one(propose):
    columns = trial() | {"death": trial()["death"] + 1}
    proposal = propose(columns)
    assert settings(proposal)["outcome"]["event"] == "2"
    assert "PROPOSED, NOT KNOWN: the highest of 2 codes is taken for the event" in line_of(proposal, 'event = "2"')
    assert any(line.startswith("to check first: ") for line in proposal.lines)


def test_repeated_patients_are_said(propose):
    columns = trial() | {"pid": 1000 + np.arange(N) // 4}
    proposal = propose(columns)
    assert line_of(proposal, "patient").endswith(
        "# 60 ids in 240 rows: patients repeat, so that whole patients are held out"
    )
    assert "# CHECK: patients have several rows" in proposal.text


def test_where_nothing_can_be_the_outcome_it_is_asked_for(propose):
    with pytest.raises(InputRefused, match="E-NO-OUTCOME") as refusal:
        propose({"age": ages(np.random.default_rng(1)), "sex": ["f", "m"] * (N // 2), "bmi": [20, 21, 22] * (N // 3)})
    assert "`sex`" in refusal.value.found
    assert "--outcome COLUMN" in refusal.value.to_fix


def test_what_was_asked_wins(propose):
    columns = trial() | {"sex": ["f", "m"] * (N // 2), "clinic": [row % 4 for row in range(N)], "code": trial()["pid"]}
    found = settings(
        propose(
            columns,
            Reading(missing={"age": ("99",)}),
            name="asked.csv",
            outcome={"column": "sex", "event": "f"},
            roles={"patient": "code"},
            set_aside={"clinic": "we say so"},
            predictors={"year": {"type": "number"}},
        )
    )
    assert found["outcome"] == {"column": "sex", "event": "f"}
    assert found["roles"] == {"patient": "code"}
    assert found["set_aside"] | {"clinic": "we say so"} == found["set_aside"]
    assert found["predictors"]["year"] == {"type": "number"}
    assert found["export"]["missing"] == {"age": ["99"]}


def test_an_asked_horizon_is_kept_and_the_rest_of_the_outcome_filled_in(propose):
    found = settings(propose(trial(), outcome={"event_column": "death", "horizon_days": 400.0}))
    assert found["outcome"]["time_column"] == "dtime"
    assert (found["outcome"]["horizon_days"], found["outcome"]["event"]) == (400, "1")


def test_an_outcome_that_is_not_there_is_refused(propose):
    with pytest.raises(InputRefused, match="E-MISSING-COLUMN"):
        propose(trial(), outcome={"column": "dead"})
    with pytest.raises(InputRefused, match="E-OUTCOME-EVENT"):
        propose(trial(), outcome={"column": "death", "event": "yes"})
    with pytest.raises(WrongUsage, match="E-STUDY"):
        propose(trial(), roles={"patient": "pid"}, set_aside={"pid": "twice"})


def test_a_run_that_would_be_refused_is_announced(propose):
    few = {name: list(values)[:9] for name, values in trial().items()}
    few["death"] = [1, *[0] * 8]
    proposal = propose(few, outcome={"column": "death"})
    assert "AS IT STANDS A RUN IS REFUSED" in proposal.text
    assert any("S-FEW-EVENTS" in line for line in proposal.lines)


def test_comments_are_aligned_and_wrapped():
    text = section(
        "roles", [Line(setting("patient", "pid"), "who " * 30), Line(setting("site", "s"), "where", active=False)]
    )
    first, second, third, fourth = text.splitlines()
    assert first == "[roles]"
    assert second.index("#") == third.index("#") == fourth.index("#", 2) == 17
    assert fourth == '# site = "s"     # where'


def test_characters_that_cannot_be_seen_are_written_as_codes():
    text = section("", [Line(setting("a\u202eb", "x\x7f\n"), "said\x1b[31m of it")])
    assert text.isprintable() or text.replace("\n", "").isprintable()
    assert tomllib.loads(text) == {"a\u202eb": "x\x7f\n"}


def test_an_asked_time_is_used_whatever_it_is_called(propose):
    columns = trial()
    columns["weeks_seen_until"] = columns.pop("dtime")
    found = settings(propose(columns, outcome={"event_column": "death", "time_column": "weeks_seen_until"}))
    assert found["outcome"]["time_column"] == "weeks_seen_until"
    assert found["outcome"]["horizon_days"] == 1826


def test_an_outcome_asked_for_as_it_stands_is_offered_a_horizon_and_its_time_set_aside(propose):
    proposal = propose(trial(), outcome={"column": "death"})
    assert settings(proposal)["outcome"] == {"column": "death", "event": "1"}
    assert settings(proposal)["set_aside"].keys() == {"dtime"}
    assert '# time_column = "dtime"' in proposal.text.splitlines()
    assert "CHECK" not in proposal.text


def test_empty_tables_ask_for_nothing(propose):
    empty = {table: {} for table in ("export", "outcome", "roles", "privacy", "set_aside", "keep")}
    assert propose(trial(), **empty) == propose(trial())


def test_an_asked_horizon_is_kept_where_no_round_one_is_borne(propose):
    columns = trial()
    columns["time"] = np.asarray(columns.pop("dtime")) // 60
    asked = {"event_column": "death", "time_column": "time", "horizon_days": 30.0}
    proposal = propose(columns, outcome=asked)
    assert settings(proposal)["outcome"] == asked | {"event": "1", "early_censoring": "refuse"}
    assert line_of(proposal, "time_column").endswith("check the unit")


def test_what_was_asked_is_said_to_be(propose):
    proposal = propose(trial() | {"death": trial()["death"] + 1}, outcome={"event": "2", "horizon_days": 400.0})
    assert line_of(proposal, "event_column").endswith("have the event sometime")
    assert line_of(proposal, "event = ").endswith("# as asked")
    assert line_of(proposal, "horizon_days").endswith("# as asked")


def test_of_a_time_that_bears_no_horizon_the_one_that_loses_fewest_is_taken_and_they_are_left_out(propose):
    columns = trial()
    columns["dtime"] = np.where(
        columns["death"] == 1, 300 + np.arange(N) % 60, np.where(np.arange(N) % 5 == 1, 250, 2000)
    )
    proposal = propose(columns, outcome={"event_column": "death", "time_column": "dtime"})
    found = settings(proposal)["outcome"]
    assert (found["horizon_days"], found["early_censoring"]) == (365, "exclude")
    assert "AS IT STANDS A RUN IS REFUSED" not in proposal.text


def test_an_asked_comparator_is_nothing_else(propose):
    columns = trial() | {"los": np.round(np.linspace(0, 1, N), 3)}
    found = settings(propose(columns, comparators={"los": {"survival": False}}))
    assert found["comparators"] == {"los": {"survival": False}}
    assert "set_aside" not in found or "los" not in found["set_aside"]
