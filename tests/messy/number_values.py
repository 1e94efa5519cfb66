"""Exports with one fault in a column of numbers, made anew from a seed: catalogue C."""

from messy_values import N_ROWS, Fault, fault, one_decimal, with_some, without


@fault("C7")
def spellings_of_missing(rng):
    words = ["", "NA", "n/a", "NULL", "#N/A", ".", "-", "?", "UNK", "missing"]
    cells = [*words, *one_decimal(rng, N_ROWS - len(words))]
    return Fault(cells, "W-NA-SPELLING", without(cells, range(len(words))))


@fault("C8")
def sentinel_999(rng):
    cells, at = with_some([str(n) for n in rng.integers(120, 153, N_ROWS)], rng, lambda _: "999", 7)
    settled = ({"missing": {"lab": ("999",)}}, without(cells, at))
    return Fault(cells, "W-SENTINEL", cells, settled=settled)


@fault("C8")
def sentinel_minus_nine(rng):
    cells, at = with_some([str(n) for n in rng.integers(0, 30, N_ROWS)], rng, lambda _: "-9", 7)
    return Fault(cells, "W-SENTINEL", cells, settled=({"missing": {"lab": ("-9.0",)}}, without(cells, at)))


@fault("C9")
def below_the_limit(rng):
    cells, at = with_some(one_decimal(rng), rng, lambda _: "<4.4")
    halved = ["2.2" if row in at else cell for row, cell in enumerate(cells)]
    return Fault(cells, "E-CENSORED", settled=({"censored": {"lab": "half"}}, halved))


@fault("C9")
def above_the_limit(rng):
    cells, at = with_some(one_decimal(rng), rng, lambda _: "> 500")
    at_limit = ["500" if row in at else cell for row, cell in enumerate(cells)]
    return Fault(cells, "E-CENSORED", settled=({"censored": {"lab": "half"}}, at_limit))


@fault("C9")
def outside_the_limits_missing(rng):
    cells, at = with_some(one_decimal(rng), rng, lambda _: "≥500")
    return Fault(cells, "E-CENSORED", settled=({"censored": {"lab": "missing"}}, without(cells, at)))


@fault("C10")
def decimal_commas(rng):
    plain = one_decimal(rng)
    cells = [cell.replace(".", ",") for cell in plain]
    return Fault(cells, "W-DECIMAL", plain, delimiter=";", decisions={"decimal": "comma"})


@fault("C11")
def thousands_with_points(rng):
    cells = [f"{a}.{b:03d},{c}" for a, b, c in rng.integers(1, 9, (N_ROWS, 3))]
    plain = [cell.replace(".", "").replace(",", ".") for cell in cells]
    return Fault(cells, "W-THOUSANDS", plain, delimiter=";", decisions={"decimal": "comma"})


@fault("C12")
def both_decimal_marks(rng):
    plain = one_decimal(rng)
    cells, _ = with_some(plain, rng, lambda cell: cell.replace(".", ","), 30)
    return Fault(cells, "W-DECIMAL-MIXED", plain, delimiter=";", decisions={"decimal": "mixed"})


@fault("C12")
def both_decimal_marks_and_one_that_may_be_thousands(rng):
    cells, _at = with_some(one_decimal(rng), rng, lambda cell: cell.replace(".", ","), 30)
    return Fault(["1.234", *cells], "E-DECIMAL-AMBIGUOUS", delimiter=";")


@fault("C13")
def three_decimals_or_thousands(rng):
    cells = [f"{a}.{b}" for a, b in zip(rng.integers(1, 99, N_ROWS), rng.integers(100, 999, N_ROWS), strict=True)]
    settled = ({"decimal": "comma"}, [cell.replace(".", "") for cell in cells])
    return Fault(cells, "E-DECIMAL-AMBIGUOUS", delimiter=";", settled=settled)


@fault("C14")
def thousands_with_commas(rng):
    cells, _at = with_some(one_decimal(rng), rng, lambda cell: f"{cell[0]},{100 + int(cell[0])}")
    plain = [cell.replace(",", "") for cell in cells]
    return Fault(cells, "W-THOUSANDS", plain, decisions={"decimal": "point"})


@fault("C14")
def commas_in_odd_places(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda _: "9,0,0")
    return Fault(cells, "E-NUMBER")


@fault("C14")
def groups_of_three_digits_and_nothing_else(rng):
    cells = [f"{a} {b} {c}" for a, b, c in rng.integers(100, 999, (N_ROWS, 3))]
    return Fault(cells, "E-NUMBER")


@fault("C15")
def a_unit_in_every_cell(rng):
    plain = one_decimal(rng)
    cells = [f"{cell} µmol/L" for cell in plain]
    return Fault(cells, "W-UNIT-TEXT", plain, decisions={"unit": "umol/L"})


@fault("C15")
def percent(rng):
    plain = [str(n) for n in rng.integers(20, 100, N_ROWS)]
    return Fault([f"{cell}%" for cell in plain], "W-UNIT-TEXT", plain, decisions={"unit": "%"})


@fault("C15")
def two_units(rng):
    cells, _at = with_some([f"{cell} mmol/L" for cell in one_decimal(rng)], rng, lambda cell: cell[:-6] + "mg/dL")
    return Fault(cells, "E-UNITS-MIXED")


@fault("C15")
def percent_and_fractions(rng):
    cells, _ = with_some([f"{n}%" for n in rng.integers(20, 100, N_ROWS)], rng, lambda cell: f"0.{cell[:2]}")
    return Fault(cells, "E-UNITS-MIXED")


@fault("C16")
def full_width_digits(rng):
    plain = [str(n) for n in rng.integers(20, 100, N_ROWS)]
    cells, _ = with_some(plain, rng, lambda cell: cell.translate({48 + d: 0xFF10 + d for d in range(10)}))
    return Fault(cells, "W-UNICODE-DIGIT", plain)


@fault("C16")
def unicode_minus(rng):
    plain = [str(n) for n in rng.integers(-20, 20, N_ROWS)]
    return Fault([cell.replace("-", "−") for cell in plain], "W-UNICODE-DIGIT", plain)


@fault("C17")
def underscores(rng):
    cells, _ = with_some([str(n) for n in rng.integers(20, 100, N_ROWS)], rng, "_".join)
    return Fault(cells, "E-NUMBER")


@fault("C17")
def accounting_negatives(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda cell: f"({cell})")
    return Fault(cells, "E-NUMBER")


@fault("C18")
def too_large_for_a_float(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda _: "1e400", 1)
    return Fault(cells, "E-NOT-FINITE")


@fault("C18")
def infinity(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda _: "-Inf", 1)
    return Fault(cells, "E-NOT-FINITE")


@fault("C19")
def one_stray_word(rng):
    cells, at = with_some(one_decimal(rng, 400), rng, lambda _: "haemolysed", 4)
    return Fault(cells, "W-NA-SPELLING", without(cells, at))


@fault("C19")
def more_stray_words(rng):
    cells, _ = with_some(one_decimal(rng, 400), rng, lambda _: "haemolysed", 5)
    return Fault(cells, "W-TEXT-COLUMN", cells, "category")
