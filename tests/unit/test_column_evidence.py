"""What names and values say of a column: known quantities, later measurements, ordered levels, ready-made risks."""

import numpy as np
import pytest

from clinpred.records.audit.later_columns import find_later_columns
from clinpred.records.audit.ordered_levels import in_order
from clinpred.records.audit.plausible import named_quantities, recognise, stated_unit, zeros_for_missing
from clinpred.records.audit.ready_risks import find_ready_risks
from clinpred.records.read import read_export

N = 200


@pytest.fixture
def export_of(tmp_path):
    """Return the export of columns given as lists."""

    def build(columns):
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *(",".join(str(cell) for cell in row) for row in rows)]
        (tmp_path / "visits.csv").write_text("\n".join(lines), encoding="utf-8")
        return read_export(tmp_path / "visits.csv")

    return build


def around(lowest, highest, seed=1):
    return np.round(np.random.default_rng(seed).uniform(lowest, highest, N), 2)


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "quantity", "unit"),
    [
        ("age", 20, 90, "age", "years"),
        ("Alter", 20, 90, "age", "years"),
        ("crea", 0.5, 2, "creatinine", "mg/dL"),
        ("serum_creatinine", 50, 180, "creatinine", "µmol/L"),
        ("creatinine_mg_dl", 0.5, 2, "creatinine", "mg/dL"),
        ("ht", 150, 190, "height", "cm"),
        ("ht", 30, 45, "haematocrit", "%"),
        ("temp", 36, 39, "temperature", "°C"),
        ("temp", 97, 102, "temperature", "°F"),
        ("wt71", 50, 90, "weight", "kg"),
        ("systolicBP", 100, 170, "systolic blood pressure", "mmHg"),
    ],
)
def test_a_quantity_is_known_by_its_name_and_its_unit_by_its_values(export_of, name, lowest, highest, quantity, unit):
    found = recognise(export_of({name: around(lowest, highest), "x": around(0, 1)}), name)
    assert (found.quantity.name, found.scale.unit, found.below, found.above) == (quantity, unit, 0, 0)


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("wt82_71", -20, 20),
        ("na", 0, 1),
        ("ph", 40, 60),
        ("age_at_death_of_mother", 40, 90),
        ("creatinine_mg_dl", 50, 180),
    ],
)
def test_values_that_disagree_with_the_name_make_no_quantity(export_of, name, lowest, highest):
    assert recognise(export_of({name: around(lowest, highest), "x": around(0, 1)}), name) is None


def test_up_to_one_value_in_a_hundred_may_lie_outside_and_is_counted(export_of):
    sodium = around(130, 145)
    sodium[[3, 50]] = [14, 1400]
    found = recognise(export_of({"sodium": sodium, "x": around(0, 1)}), "sodium")
    assert (found.below, found.above, found.range) == (1, 1, (90, 210))
    sodium[100] = 13
    assert recognise(export_of({"sodium": sodium, "x": around(0, 1)}), "sodium") is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("age_years", "years"),
        ("crp (mg/L)", "mg/L"),
        ("glucose_mmol_l", "mmol/L"),
        ("weight.kg", "kg"),
        ("grade", None),
    ],
)
def test_a_unit_is_read_from_the_name(export_of, name, unit):
    assert stated_unit(export_of({name: around(1, 9), "x": around(0, 1)}), name) == unit


def test_no_name_belongs_to_two_quantities_on_one_scale():
    for name in ("na", "k", "ca", "mg", "hb", "hr", "rr", "ph", "bp", "map", "plt", "wbc", "alb", "gcs"):
        assert len(named_quantities(name)) == 1


def test_zeros_are_surely_missing_only_where_nobody_can_have_none(export_of):
    heart, glucose, bmi = np.floor(around(50, 110)), np.floor(around(70, 160)), around(19, 38)
    heart[:2] = glucose[2:7] = 0
    found = {
        zeros.column: zeros for zeros in zeros_for_missing(export_of({"hr": heart, "glucose": glucose, "bmi": bmi}))
    }
    assert (found["glucose"].count, found["glucose"].sure, found["hr"].sure) == (5, True, False)
    bmi[9] = 0
    found = {
        zeros.column: zeros for zeros in zeros_for_missing(export_of({"hr": heart, "glucose": glucose, "bmi": bmi}))
    }
    assert found["hr"].sure


def test_names_of_a_later_wave_are_found_by_their_twins():
    names = ["sbp", "wt71", "wt82", "wt82_71", "tax71", "tax82", "hightax82", "smkintensity82_71"]
    assert set(find_later_columns(names)) == {"wt82", "wt82_71", "tax82", "hightax82", "smkintensity82_71"}


@pytest.mark.parametrize(
    ("names", "later"),
    [
        (["sbp_v1", "sbp_v2", "sbp_v3"], {"sbp_v2", "sbp_v3"}),
        (["hb_pre", "hb_post", "age"], {"hb_post"}),
        (["crp_day1", "crp_day7"], {"crp_day7"}),
        (["weight_baseline", "weight_followup"], {"weight_followup"}),
        (["wt71", "wt82"], set()),
        (["il_6", "il_17", "cd40", "cd44", "MMP7", "MMP10", "Apolipoprotein_A1", "Apolipoprotein_A2"], set()),
        (["X219340_s_at", "X217771_at"], set()),
    ],
)
def test_points_of_time_in_names(names, later):
    assert set(find_later_columns(names)) == later


@pytest.mark.parametrize(
    "levels",
    [
        ("<=20", "20-50", ">50"),
        ("under $11k", "$11-$25k", "$25-$50k", ">$50k"),
        ("I", "II", "III", "IV"),
        ("none", "mild", "moderate", "severe"),
        ("0-9", "10-19", "20+"),
        ("never", "ex", "current"),
    ],
)
def test_levels_with_an_order_are_put_in_it(levels):
    assert in_order(sorted(levels)) == levels
    assert in_order(sorted(levels, reverse=True)) == levels


@pytest.mark.parametrize(
    "levels", [("f", "m"), ("E2E3", "E3E3", "E4E4"), ("2001", "2002", "2003"), ("high", "low", "wet")]
)
def test_levels_without_an_order_are_left(levels):
    assert in_order(levels) is None


def test_a_ready_made_risk_is_named_so_lies_between_0_and_1_and_tells_the_outcome(export_of):
    rng = np.random.default_rng(2)
    outcome = (np.arange(N) % 4 == 0).astype(float)
    risk = np.clip(0.2 + 0.4 * outcome + rng.uniform(-0.2, 0.2, N), 0, 1)
    columns = {
        "risk_score": risk,
        "surv6m": 1 - risk,
        "pred_noise": rng.uniform(0, 1, N),
        "risk_percent": 100 * risk,
        "fraction": risk,
    }
    found = find_ready_risks(export_of(columns), outcome, columns=list(columns))
    assert [(each.column, each.survival) for each in found] == [("risk_score", False), ("surv6m", True)]
    assert found[0].auroc == found[1].auroc > 0.9
