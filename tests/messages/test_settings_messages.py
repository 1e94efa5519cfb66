"""What the user reads when study.toml asks for something that does not exist, word for word."""

import pytest

from clinpred.errors import ClinpredError
from clinpred.settings.study import load_study

OUTCOME = '[outcome]\ncolumn = "died"\n'
FIX_ONE = """ [E-STUDY]
expected: the keys and types of study.toml (README, section `study.toml`)
to fix: correct the 1 setting named above"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OUTCOME + "horizn_days = 3\n", "study.toml: unknown key `outcome.horizn_days`; did you mean `horizon_days`?"),
        (OUTCOME + "[role]\n", "study.toml: unknown key `role`; did you mean `roles`?"),
        (OUTCOME + "[roles]\npatent = 'x'\n", "study.toml: unknown key `roles.patent`; did you mean `patient`?"),
        ("xyz = 1\n" + OUTCOME, "study.toml: unknown key `xyz`"),
        ("seed = 1\n", "study.toml: `outcome`: Field required"),
        (
            "[outcome]\nevent_column = 'died'\n",
            "study.toml: `outcome`: needs `column`, or `event_column`, `time_column` and `horizon_days` together",
        ),
        (
            OUTCOME + "[models]\nfit = ['prevalence']\nprimary = 'logistic_ridge'\n",
            "study.toml: `models`: the primary model `logistic_ridge` is not among `fit`",
        ),
        (OUTCOME + "[roles]\npatient = 'died'\n", "study.toml: more than one role for `died`"),
        (
            OUTCOME + "[predictors]\nage = { range = [120, 0] }\n",
            "study.toml: `predictors.age`: `range` is [lowest, highest]",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(tmp_path, content, message):
    (tmp_path / "study.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ClinpredError) as refusal:
        load_study(tmp_path / "study.toml")
    assert str(refusal.value) == message + FIX_ONE
    assert refusal.value.exit_code == 2


def test_every_fault_is_named_at_once(tmp_path):
    (tmp_path / "study.toml").write_text(OUTCOME + "a = 1\n[partition]\nheld_out = 2\n", encoding="utf-8")
    with pytest.raises(ClinpredError) as refusal:
        load_study(tmp_path / "study.toml")
    assert (
        str(refusal.value)
        == """study.toml: unknown key `outcome.a`
study.toml: `partition.held_out`: Input should be less than 1 [E-STUDY]
expected: the keys and types of study.toml (README, section `study.toml`)
to fix: correct the 2 settings named above"""
    )


def test_a_missing_and_a_broken_file_are_told_apart(tmp_path):
    with pytest.raises(ClinpredError) as refusal:
        load_study(tmp_path / "study.toml")
    assert (
        str(refusal.value)
        == """study.toml: there is no such file [E-NOT-FOUND]
expected: a study file
to fix: check the path, or leave --study out and name the outcome with --outcome"""
    )
    (tmp_path / "study.toml").write_text("[outcome\n", encoding="utf-8")
    with pytest.raises(ClinpredError) as refusal:
        load_study(tmp_path / "study.toml")
    assert str(refusal.value).startswith("study.toml: not a TOML file (")
    assert str(refusal.value).endswith(
        """) [E-STUDY]
expected: TOML 1.0 in UTF-8
to fix: correct the line named above"""
    )
