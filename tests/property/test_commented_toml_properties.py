"""Whatever a column is called and whatever is said of it, what is written reads back the same."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from clinpred.study.commented_toml import Line, section, setting

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(TEXTS, parts, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), TEXTS)
def test_settings_read_back_equal_whatever_the_comment(settings, comment):
    lines = [Line(setting(name, value), comment) for name, value in settings.items()]
    assert tomllib.loads(section("predictors", lines, said=comment))["predictors"] == settings


@given(st.dictionaries(TEXTS, VALUES, max_size=5), TEXTS)
def test_what_is_not_active_is_not_read(settings, comment):
    lines = [Line(setting(name, value), comment, active=False) for name, value in settings.items()]
    text = section("", [*lines, Line(comment=comment), Line()])
    assert tomllib.loads(text) == {}
    assert all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
