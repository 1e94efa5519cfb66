"""What is luck in a network's performance, as a report shows it."""

from dataclasses import asdict

from clinpred.report.luck_table import luck_table


def test_seed_fold_and_setting_each_have_a_row_and_a_component_below_0_is_none(example_results):
    rows = [row[1:] for row in luck_table(example_results).rows]
    assert rows == [
        ("seed", "held-out patients", "0.0021", "0.0312", "0.0014", "5 networks"),
        ("seed", "folds left out", "", "", "0.0014", "5 networks in 10 folds"),
        ("fold", "folds left out", "", "", "0.0158", "10 folds"),
        ("setting", "choosing patients", "", "", "none", "18 settings in 3 rotations, 10 folds"),
    ]


def test_a_run_without_several_networks_has_no_such_table(example_results):
    models = {
        name: one.model_copy(update={"restarts": None, "variance_split": None})
        for name, one in example_results.models.items()
    }
    assert asdict(luck_table(example_results.model_copy(update={"models": models})))["rows"] == ()
