"""Who is studied and what is predicted: the outcome, the patients, the predictors, and what gives the outcome away."""

import numpy as np
from codes_situations import BASE, KNOWN, Situation, audited, called, some, with_columns, without

from clinpred.records.cohort import ExcludedRows, RowFlow

N = len(BASE["died"])
DIED = BASE["died"]
ROWS = np.arange(N)
DAY = np.datetime64("2021-01-01")


def outcome(values, name="died", **settings):
    """Return a way to audit an export whose outcome has these values."""
    columns = {**without("died"), name: values}
    return audited(columns, outcome={"column": name} | settings, **KNOWN)


def timed(time, **settings):
    rule = {"event_column": "died", "event": "1", "time_column": "days", "horizon_days": 30}
    return audited(with_columns(days=time), outcome=rule | settings, **KNOWN)


def with_column(name, values, **changes):
    return audited(with_columns(**{name: values}), **KNOWN | changes)


def with_predictor(name, **settings):
    return audited(BASE, predictors={name: settings}, **KNOWN)


def dated(days, **changes):
    """Return a way to audit an export with an index date, and a value dated so many days after it."""
    index = DAY + ROWS
    columns = {"index": index.astype(str), "crp_date": (index + days).astype(str), "crp": BASE["sodium"]}
    roles = {"patient": "pid", "index_date": "index"}
    return audited(with_columns(**columns), roles=roles, **changes)


def stays(before):
    """Return a way to audit stays of which so many end before they start."""
    discharge = DAY + ROWS + np.where(before > ROWS, -2, 5)
    dates = {"admission_date": (DAY + ROWS).astype(str), "discharge_date": discharge.astype(str)}
    return audited(with_columns(**dates), set_aside={"discharge_date": "known later"}, **KNOWN)


def repeated(rows, noise=0.0):
    """Return a way to audit measurements, the first rows of which come again, without an id."""
    rng = np.random.default_rng(5)
    labs = {f"lab{at}": np.round(rng.normal(size=1000), 2) for at in range(8)}
    outcome_of = rng.integers(0, 2, 1000)
    twice = {name: np.concatenate([values, values[:rows] + noise]) for name, values in labs.items()}
    return audited({**twice, "died": np.concatenate([outcome_of, outcome_of[:rows]])})


def kept(column, **changes):
    return {"keep": {column: "read at admission"}} | changes


TELLS = DIED * 3.0 + np.random.default_rng(1).normal(size=N) * 0.1
WITHOUT_ID = without("pid")
FEW = np.random.default_rng(3).random(N) < 0.2
SORTED = {name: values[np.argsort(DIED, kind="stable")] for name, values in BASE.items()}
SAID_ALIVE = np.where(DIED == 1, "dead", "alive")
FREE = [f"the patient number {row} was seen on the ward and sent home again" for row in ROWS]
LONG_WARD = ["the ward in the north of the main house of the hospital"] * (N // 2) + ["the other ward"] * (N // 2)

FIRES = {
    "B-ROW-FLOW": called(
        lambda: [RowFlow(3, 1, (ExcludedRows("the outcome is missing", 1),))],
        lambda: [RowFlow(3, 2, (ExcludedRows("the outcome is missing", 1),))],
    ),
    "E-COMPARATOR": Situation(
        with_column("score", BASE["age"], comparators={"score": {}}),
        with_column("score", BASE["age"] / 100, comparators={"score": {}}),
    ),
    "E-DATE-ORDER": Situation(stays(3), stays(2)),
    "E-ID-MISSING": Situation(
        audited(with_columns(pid=some("pid", "", range(13))), **KNOWN),
        audited(with_columns(pid=some("pid", "", range(12))), **KNOWN),
    ),
    "E-LEVELS": Situation(
        with_predictor("ward", type="ordered", levels=["north", "south"]),
        with_predictor("ward", type="ordered", levels=["north", "south", "east"]),
    ),
    "E-MISSING-COLUMN": Situation(
        audited(BASE, set_aside={"sodum": "late"}), audited(BASE, set_aside={"sodium": "late"})
    ),
    "E-OUTCOME-CODING": Situation(outcome(DIED + 1), outcome(DIED + 1, event="2")),
    "E-OUTCOME-EVENT": Situation(outcome(SAID_ALIVE, event="died"), outcome(SAID_ALIVE, event="dead")),
    "E-OUTCOME-VALUES": Situation(outcome(some("died", 9)), outcome(some("died", 9), event="1", no_event=["0", "9"])),
    "E-RANGE": Situation(with_predictor("age", range=[0, 60]), with_predictor("age", range=[0, 120])),
    "S-CENSORED": Situation(timed(np.where(ROWS < 60, 9, 40)), timed(np.where(ROWS < 6, 9, 40))),
    "S-FUTURE": Situation(dated(2), dated(-2)),
    "S-GROUP": Situation(
        audited(with_columns(pid=ROWS // 2 + 1)),
        audited(with_columns(pid=ROWS // 2 + 1), **KNOWN),
    ),
    "S-LEAK": Situation(with_column("code", TELLS), with_column("code", TELLS[::-1])),
    "S-NO-PREDICTORS": Situation(
        audited({name: BASE[name] for name in ("pid", "died")}, **KNOWN),
        audited({name: BASE[name] for name in ("pid", "age", "died")}, **KNOWN),
    ),
    "S-ONE-CLASS": Situation(outcome(np.zeros(N, dtype=int)), outcome((ROWS < 20).astype(int))),
    "W-CENSORED": Situation(timed(np.where(ROWS < 6, 9, 40)), timed(np.where(ROWS < 6, 30, 40))),
    "W-CONSTANT": Situation(with_column("site", ["a"] * N), with_column("site", ["a", "b"] * (N // 2))),
    "W-DATE-COLUMN": Situation(
        with_column("seen", (DAY + ROWS).astype(str)),
        with_column("seen", (DAY + ROWS).astype(str), roles={"patient": "pid", "date": "seen"}),
    ),
    "W-DATE-ORDER": Situation(stays(2), stays(0)),
    "W-EMPTY": Situation(
        with_column("bmi", np.where(ROWS < 2, 24.5, np.nan)),
        with_column("bmi", np.where(ROWS < 3, 24.5 + ROWS, np.nan)),
    ),
    "W-EVENT-FLIPPED": Situation(outcome(SAID_ALIVE, event="alive"), outcome(SAID_ALIVE, event="dead")),
    "W-FREETEXT": Situation(with_column("history", FREE), with_column("history", LONG_WARD)),
    "W-ID-COLUMN": Situation(
        with_column("case_id", ROWS + 501),
        with_column("case_id", ROWS + 501, predictors={"case_id": {"type": "number"}}),
    ),
    "W-LEAK-KEPT": Situation(
        with_column("code", TELLS, **kept("code")), with_column("code", TELLS[::-1], **kept("code"))
    ),
    "W-LEAK-NAME": Situation(
        with_column("discharge_status", list("ab") * (N // 2)), with_column("admission_status", list("ab") * (N // 2))
    ),
    "W-NEAR-DUPLICATES": Situation(repeated(15, noise=0.01), repeated(0)),
    "W-NO-PATIENT-ID": Situation(audited(WITHOUT_ID), audited(BASE, **KNOWN)),
    "W-ORDER-LEAK": Situation(audited(SORTED, **KNOWN), audited(BASE, **KNOWN)),
    "W-OUTCOME-MAP": Situation(outcome(SAID_ALIVE), outcome(SAID_ALIVE, event="dead")),
    "W-OUTCOME-MISSING": Situation(outcome(some("died", "", range(13))), outcome(some("died", "", range(12)))),
    "W-OUTCOME-MISSING-DIFFERS": Situation(
        audited(with_columns(died=np.where(FEW, "", DIED.astype(str)), crp=BASE["sodium"] + 20 * FEW), **KNOWN),
        audited(with_columns(died=np.where(FEW, "", DIED.astype(str)), crp=BASE["sodium"]), **KNOWN),
    ),
    "W-RANGE": Situation(
        with_predictor("age", range=[0, 60], above_range="missing"),
        with_predictor("age", range=[0, 120], above_range="missing"),
    ),
}
