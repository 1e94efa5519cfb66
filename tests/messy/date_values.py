"""Exports with one fault in a column of dates, made anew from a seed: catalogue D."""

from datetime import date, timedelta

from messy_values import N_ROWS, Fault, fault, with_some, without


def days(rng, rows=N_ROWS, first=date(2021, 1, 1), last=700):
    """Return days, the first of them one that shows whether the day or the month is first."""
    return [date(2022, 5, 23), *(first + timedelta(days=int(n)) for n in rng.integers(0, last, rows - 1))]


def iso(dates):
    """Return dates as ISO text."""
    return [day.isoformat() for day in dates]


@fault("D1")
def day_and_month_exchangeable(rng):
    parts = [(int(d), int(m)) for d, m in rng.integers(1, 13, (N_ROWS, 2))]
    cells = ["03/04/2023", *(f"{d:02d}/{m:02d}/2023" for d, m in parts)]
    day_first = ["2023-04-03", *(f"2023-{m:02d}-{d:02d}" for d, m in parts)]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen", settled=({"date_order": "dmy"}, day_first))


@fault("D1")
def month_first_if_said(rng):
    parts = [(int(d), int(m)) for d, m in rng.integers(1, 13, (N_ROWS, 2))]
    cells = ["3.4.2023", *(f"{m}.{d}.2023" for d, m in parts)]
    month_first = ["2023-03-04", *(f"2023-{m:02d}-{d:02d}" for d, m in parts)]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen", settled=({"date_order": "mdy"}, month_first))


@fault("D2")
def order_revealed_by_one_row(rng):
    parts = [(int(d), int(m)) for d, m in rng.integers(1, 13, (N_ROWS, 2))]
    parts[int(rng.integers(N_ROWS))] = (13, 5)
    cells = [f"{d:02d}/{m:02d}/2023" for d, m in parts]
    expected = [f"2023-{m:02d}-{d:02d}" for d, m in parts]
    return Fault(cells, "", expected, "date", "seen", decisions={"date_order": "dmy"})


@fault("D2")
def eight_digits_in_a_column_of_dates(rng):
    dates = days(rng)
    return Fault([f"{day:%Y%m%d}" for day in dates], "", iso(dates), "date", "date_of_visit")


@fault("D2")
def eight_digits_elsewhere(rng):
    cells = [f"{day:%Y%m%d}" for day in days(rng)]
    return Fault(cells, "", cells, "number", "counts")


@fault("D3")
def two_forms_of_dates(rng):
    dates = days(rng)
    cells = [f"{day:%d/%m/%Y}" if row % 2 == 0 else day.isoformat() for row, day in enumerate(dates)]
    return Fault(cells, "W-DATE-MIXED", iso(dates), "date", "seen", decisions={"date_order": "dmy"})


@fault("D3")
def two_forms_of_which_one_is_open(rng):
    cells = ["03/04/2023" if row % 2 == 0 else day.isoformat() for row, day in enumerate(days(rng))]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen")


@fault("D3")
def the_day_first_here_and_the_month_there(rng):
    cells = [f"{day:%d/%m/%Y}" for day in days(rng)]
    return Fault([*cells, "05/23/2022"], "E-DATE-AMBIGUOUS", column="seen")


@fault("D4")
def years_of_two_digits(rng):
    dates = days(rng)
    decisions = {"date_order": "dmy", "two_digit_years": "1969 to 2068"}
    cells = [f"{day:%d.%m.%y}" for day in dates]
    return Fault(cells, "W-DATE-2DIGIT", iso(dates), "date", "seen", decisions=decisions)


@fault("D4")
def births_of_two_digits_without_a_century(rng):
    return Fault([f"{day:%d.%m.%y}" for day in days(rng)], "E-DATE-AMBIGUOUS", column="dob")


@fault("D5")
def excels_day_numbers(rng):
    dates = days(rng)
    cells = [str((day - date(1899, 12, 30)).days) for day in dates]
    return Fault(cells, "E-EXCEL-DATE", column="admit_date", settled=({"excel_dates": "1900"}, iso(dates)))


@fault("D5")
def excels_day_numbers_of_1904(rng):
    dates = days(rng)
    cells = [str((day - date(1904, 1, 1)).days) for day in dates]
    return Fault(cells, "E-EXCEL-DATE", column="admit_date", settled=({"excel_dates": "1904"}, iso(dates)))


@fault("D6")
def dates_of_zeros(rng):
    cells, at = with_some(iso(days(rng)), rng, lambda _: "0000-00-00")
    return Fault(cells, "W-DATE-PLACEHOLDER", without(cells, at), "date", "seen")


@fault("D6")
def first_and_last_days_of_time(rng):
    cells, _ = with_some(iso(days(rng)), rng, lambda _: "9999-12-31")
    cells[0] = "1900-01-01"
    return Fault(cells, "W-DATE-PLACEHOLDER", cells, "date", "seen")


@fault("D7")
def a_day_that_does_not_exist(rng):
    cells = iso(days(rng))
    cells[9] = "2023-02-30"
    return Fault(cells, "E-DATE", column="seen")


@fault("D7")
def a_day_that_does_not_exist_day_first(rng):
    cells = [f"{day:%d/%m/%Y}" for day in days(rng)]
    cells[9] = "31/04/2023"
    return Fault(cells, "E-DATE", column="seen")


@fault("D8")
def two_time_zones(rng):
    dates = days(rng)
    cells = [f"{day}T23:30:00{'-05:00' if row % 2 else 'Z'}" for row, day in enumerate(dates)]
    expected = [
        f"{day + timedelta(days=1)}T04:30:00Z" if row % 2 else f"{day}T23:30:00Z" for row, day in enumerate(dates)
    ]
    return Fault(cells, "W-TZ", expected, "date", "seen", decisions={"time_zone": "UTC"})


@fault("D8")
def the_hour_that_comes_twice(rng):
    cells = ["2023-10-29T02:30:00+02:00", "2023-10-29T02:30:00+01:00"] * 30
    expected = ["2023-10-29T00:30:00Z", "2023-10-29T01:30:00Z"] * 30
    return Fault(cells, "W-TZ", expected, "date", "seen")


@fault("D8")
def times_with_and_without_a_zone(rng):
    cells = [f"{day}T08:30:00{'Z' if row % 2 else ''}" for row, day in enumerate(days(rng))]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen")
