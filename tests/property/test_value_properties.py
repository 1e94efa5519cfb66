"""What holds for every column: rows have no order, one locale is read as it was written, and no date is guessed."""

from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clinpred.errors import InputRefused
from clinpred.records.values.cells import Origin
from clinpred.records.values.typed_columns import typed_columns
from clinpred.settings.export import Reading

plain_numbers = st.integers(-999, 99999).map(str) | st.floats(-1e6, 1e6).map(repr)
odd_cells = st.sampled_from(
    [
        "",
        "NA",
        "-",
        "007",
        "<4",
        "4_5",
        "5,5",
        "1.234",
        "1,234",
        "1.234,5",
        "12 mg",
        "12%",
        "I10",
        "low",
        "1e400",
        "1000",
    ]
)
dates_of_any_form = st.builds(
    lambda day, form: day.strftime(form),
    st.dates(date(1901, 1, 1), date(2090, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d %b %Y", "%Y-%m-%dT%H:%M:%S"]),
)
FORMS = {"dmy": "{d:02d}{s}{m:02d}{s}{y}", "mdy": "{m:02d}{s}{d:02d}{s}{y}", "ymd": "{y}{s}{m:02d}{s}{d:02d}"}
days = st.dates(date(1901, 1, 1), date(2090, 12, 31))


def typed(cells, *, column="lab", comma_delimited=False):
    origin = Origin("visits.csv", range(len(cells)), "row")
    return typed_columns({column: cells}, origin, Reading(), comma_delimited=comma_delimited, units={})[column]


def type_or_refusal(cells, *, comma_delimited):
    try:
        found = typed(cells, comma_delimited=comma_delimited)
    except InputRefused as refusal:
        return refusal.code, {}, []
    return found.type, found.decisions, sorted((finding.code, finding.text) for finding in found.findings)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(plain_numbers | odd_cells, min_size=1, max_size=10)
    | st.lists(dates_of_any_form | st.just(""), min_size=1, max_size=10)
    | st.lists(plain_numbers | odd_cells | dates_of_any_form, min_size=1, max_size=10),
    st.booleans(),
    st.randoms(),
)
def test_the_order_of_rows_changes_no_type_no_decision_and_no_finding(cells, comma_delimited, random):
    shuffled = random.sample(cells, len(cells))
    assert type_or_refusal(shuffled, comma_delimited=comma_delimited) == type_or_refusal(
        cells, comma_delimited=comma_delimited
    )


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=10),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([(mark, apart) for mark in ".," for apart in ["", ".", ",", " ", "'", "\u00a0"] if apart != mark]),
)
def test_numbers_of_one_locale_read_back_equal(whole, n_decimals, marks):
    mark, apart = marks
    numbers = [number / 10**n_decimals for number in whole]
    american = [f"{number:,.{n_decimals}f}" for number in numbers]
    cells = [text.replace(",", "_").replace(".", mark).replace("_", apart) for text in american]
    found = typed(cells)
    assert found.type == "number"
    np.testing.assert_array_equal(found.values, [float(text.replace(",", "")) for text in american])


@settings(max_examples=250, deadline=None)
@given(
    st.lists(days, min_size=1, max_size=12), st.sampled_from(sorted(FORMS)), st.sampled_from("/.-"), st.integers(13, 28)
)
def test_dates_read_back_equal_where_a_day_reveals_their_order(dates, order, mark, day):
    dates = [*dates, date(2022, 5, day)]
    cells = [FORMS[order].format(d=day.day, m=day.month, y=day.year, s=mark) for day in dates]
    found = typed(cells)
    assert found.type == "date"
    assert found.values.tolist() == [day.isoformat() for day in dates]


@settings(max_examples=250, deadline=None)
@given(
    st.lists(days.map(lambda day: day.replace(day=1 + day.day % 12)), min_size=1, max_size=12), st.sampled_from("/.-")
)
def test_dates_of_which_no_day_reveals_the_order_are_refused(dates, mark):
    assume(any(day.day != day.month for day in dates))
    with pytest.raises(InputRefused) as refusal:
        typed([FORMS["dmy"].format(d=day.day, m=day.month, y=day.year, s=mark) for day in dates])
    assert refusal.value.code == "E-DATE-AMBIGUOUS"
