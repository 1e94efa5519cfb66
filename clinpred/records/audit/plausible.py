"""Plausible ranges of well-known quantities: what can be measured in a patient, from a table and never from the data.

The limits are wide: they part slips of the keyboard and of units from the sickest patients, not the sick from the well.
They are of the order of the outlier limits in use for records of intensive care (MIMIC-Extract, Wang et al. 2020,
doi 10.1145/3368555.3384469), rounded and widened to ambulatory care; SI units by molar mass.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.column_words import column_words
from clinpred.records.read import Export
from clinpred.records.values.units import display_unit, known_unit

Array = NDArray[np.float64]
Zero = Literal["possible", "doubtful", "impossible"]
# At most this share of values may lie outside before the quantity is taken for another one.
_FEW_OUTSIDE = 0.01


@dataclass(frozen=True)
class Scale:
    """One unit of a quantity: its plausible range, and the range in which a group's median lies."""

    unit: str
    lowest: float
    highest: float
    median: tuple[float, float]


@dataclass(frozen=True)
class Quantity:
    """A well-known quantity. ``zero`` says whether a living patient can have none of it."""

    name: str
    words: str
    scales: tuple[Scale, ...]
    zero: Zero = "impossible"


@dataclass(frozen=True)
class Recognised:
    """A column taken for a quantity on one of its scales, and how many values lie outside the plausible range."""

    quantity: Quantity
    scale: Scale
    below: int
    above: int

    @property
    def range(self) -> tuple[float, float]:
        """The plausible range."""
        return (self.scale.lowest, self.scale.highest)


_QUANTITIES = (
    Quantity("age", "age|alter|edad|eta|idade|leeftijd|wiek|alder", (Scale("years", 0, 120, (1, 100)),), "possible"),
    Quantity("height", "height|ht|hgt|stature|groesse|taille|talla|altezza", (
        Scale("cm", 30, 250, (80, 200)), Scale("m", 0.3, 2.5, (0.8, 2.0)))),
    Quantity("weight", "weight|wt|wgt|bodyweight|gewicht|poids|peso", (Scale("kg", 0.3, 350, (2, 130)),)),
    Quantity("body mass index", "bmi|mass|bodymassindex|imc|quetelet", (Scale("kg/m2", 8, 100, (14, 45)),)),
    Quantity("systolic blood pressure", "sbp|sysbp|sysabp|bpsys|systolic|systolicbp|systolicbloodpressure|trestbps", (
        Scale("mmHg", 20, 300, (80, 180)),), "doubtful"),
    Quantity("diastolic blood pressure", "dbp|diabp|bpdia|diastolic|diastolicbp|diastolicbloodpressure", (
        Scale("mmHg", 10, 200, (40, 110)),), "doubtful"),
    Quantity("blood pressure", "pressure|bp|bloodpressure|meanbp|map|mbp|meanpressure|meanarterialpressure", (
        Scale("mmHg", 10, 300, (50, 180)),), "doubtful"),
    Quantity("heart rate", "hr|hrt|heartrate|pulse|pulserate|puls", (Scale("/min", 10, 350, (45, 160)),), "doubtful"),
    Quantity("respiratory rate", "rr|resp|resprate|respiratoryrate|breathingrate", (
        Scale("/min", 2, 120, (10, 50)),), "doubtful"),
    Quantity("temperature", "temp|temperature|bodytemp|bodytemperature|coretemp", (
        Scale("°C", 25, 45, (34, 40)), Scale("°F", 77, 113, (94, 104)))),
    Quantity("oxygen saturation", "spo|sao|sat|osat|oxygensaturation|saturation", (
        Scale("%", 20, 100, (70, 100)), Scale("fraction", 0.2, 1, (0.7, 1.0)))),
    Quantity("Glasgow coma scale", "gcs|gcstotal|glasgow|glasgowcomascale", (Scale("points", 3, 15, (3, 15)),)),
    Quantity("sodium", "na|sod|sodium|natrium|sodio", (Scale("mmol/L", 90, 210, (128, 148)),)),
    Quantity("potassium", "k|pot|potassium|kalium|potasio", (Scale("mmol/L", 1, 12, (3, 5.5)),)),
    Quantity("chloride", "cl|chloride", (Scale("mmol/L", 50, 175, (90, 115)),)),
    Quantity("bicarbonate", "bicarbonate|hco|bicarb", (Scale("mmol/L", 1, 65, (15, 35)),)),
    Quantity("calcium", "ca|calcium", (Scale("mg/dL", 3, 25, (7, 12)), Scale("mmol/L", 0.7, 6, (1.8, 3.0)))),
    Quantity("magnesium", "mg|magnesium", (Scale("mg/dL", 0.2, 20, (1.5, 3)), Scale("mmol/L", 0.1, 8, (0.6, 1.2)))),
    Quantity("creatinine", "crea|creat|creatinine|scr|kreatinin|creatinina", (
        Scale("mg/dL", 0.05, 40, (0.4, 6)), Scale("µmol/L", 5, 3500, (35, 530)))),
    Quantity("blood urea nitrogen", "bun|bloodureanitrogen|ureanitrogen", (Scale("mg/dL", 1, 350, (6, 80)),)),
    Quantity("urea", "urea|harnstoff", (Scale("mmol/L", 0.2, 125, (2, 30)), Scale("mg/dL", 2, 750, (12, 180)))),
    Quantity("glucose", "glucose|glu|bloodglucose|bloodsugar|glucosa|glukose|fastingglucose|plasmaglucose", (
        Scale("mg/dL", 5, 3000, (60, 350)), Scale("mmol/L", 0.3, 165, (3.3, 20)))),
    Quantity("glycated haemoglobin", "hba|hbac|hemoglobinac|glycatedhemoglobin", (
        Scale("%", 2, 25, (4, 12)), Scale("mmol/mol", 5, 250, (20, 110)))),
    Quantity("insulin", "insulin|insuline", (Scale("µU/mL", 0.1, 3000, (1, 500)),), "doubtful"),
    Quantity("triceps skinfold", "triceps|tricepsskinfold|skinfold|skinthickness", (Scale("mm", 1, 120, (4, 60)),)),
    Quantity("albumin", "alb|albumin|albumina", (Scale("g/dL", 0.2, 9, (1.5, 5.5)), Scale("g/L", 2, 90, (15, 55)))),
    Quantity("bilirubin", "bili|bilirubin|tbil|totalbilirubin|bilirrubina", (
        Scale("mg/dL", 0, 90, (0.2, 15)), Scale("µmol/L", 0, 1500, (20, 260))), "possible"),
    Quantity("cholesterol", "chol|cholesterol|totchol|totalcholesterol|cholesterin|colesterol", (
        Scale("mg/dL", 20, 2500, (110, 400)), Scale("mmol/L", 0.5, 65, (2.8, 10)))),
    Quantity("triglycerides", "trig|tg|triglycerides|triglyceride", (
        Scale("mg/dL", 5, 15000, (40, 500)), Scale("mmol/L", 0.05, 170, (0.5, 5)))),
    Quantity("haemoglobin", "hb|hgb|hemoglobin|haemoglobin|hamoglobin|hemoglobina", (
        Scale("g/dL", 1, 28, (6, 19)), Scale("g/L", 10, 280, (60, 190)), Scale("mmol/L", 0.6, 18, (3.7, 5.9)))),
    Quantity("haematocrit", "hct|ht|hematocrit|haematocrit|hamatokrit", (
        Scale("%", 3, 85, (22, 60)), Scale("fraction", 0.03, 0.85, (0.22, 0.6)))),
    Quantity("platelets", "plt|plat|platelet|platelets|plateletcount|thrombocytes|thrombozyten|plaquettes", (
        Scale("10^9/L", 0, 3500, (30, 600)),), "possible"),
    Quantity("white cells", "wbc|wblc|leukocytes|leucocytes|whitecells|whitebloodcells|whitecellcount|leukozyten", (
        Scale("10^9/L", 0, 1000, (2, 30)),), "doubtful"),
    Quantity("C-reactive protein", "crp|creactiveprotein|hscrp", (Scale("mg/L", 0, 1000, (0.1, 300)),), "possible"),
    Quantity("lactate", "lactate|lact|laktat", (Scale("mmol/L", 0.05, 50, (0.5, 8)),)),
    Quantity("pH", "ph|arterialph|bloodph", (Scale("", 6.3, 8.4, (6.9, 7.7)),)),
    Quantity("INR", "inr", (Scale("", 0.3, 30, (0.8, 4)),)),
    Quantity("prothrombin time", "protime|prothrombintime", (Scale("s", 4, 200, (8, 40)),)),
    Quantity("PaO2/FiO2", "pafi|pf|pfratio|paofio|horowitz", (Scale("mmHg", 10, 900, (60, 550)),)),
    Quantity("urine output", "urine|urineoutput|diuresis", (Scale("mL/day", 0, 20000, (300, 6000)),), "possible"),
    Quantity("ejection fraction", "ef|lvef|ejectionfraction", (Scale("%", 3, 95, (15, 75)),)),
)  # fmt: skip
# Said of a quantity, without making it another one.
_OF_NO_MATTER = """
    num number value val result lab labs serum plasma blood s p total fasting baseline base bl admission adm admit
    first initial at on entry day d years year yrs yr kg cm mm mmhg mg g ml dl l umol mmol mol ul u iu bpm min c f
    degc celsius pct percent per concentration level levels
"""


@dataclass(frozen=True)
class Zeros:
    """Zeros in a quantity that has none, or that only the dying lack (then not ``impossible``).

    ``sure`` where they stand for "not known".
    """

    column: str
    quantity: str
    count: int
    present: int
    impossible: bool
    sure: bool


def zeros_for_missing(export: Export) -> list[Zeros]:
    """Return the columns in which 0 stands for "not known".

    A heart or a breath may stand still: zeros of such quantities are only sure where the file writes 0 in two columns
    or more that cannot hold it at all.

    Parameters
    ----------
    export : Export
        The read export.
    """
    found = [zeros for column in export.types if (zeros := _zeros(export, column)) is not None]
    writes_zeros = sum(zeros.impossible for zeros in found) >= 2
    return [replace(zeros, sure=zeros.impossible or writes_zeros) for zeros in found]


def recognise(export: Export, column: str) -> Recognised | None:
    """Return the quantity that a column of numbers is taken for by its name, where its values agree; else None.

    They agree where their median lies where a group's median lies, on one scale only, and at most 1 % lie outside the
    plausible range. A unit that the export states decides the scale.

    Parameters
    ----------
    export : Export
        The read export.
    column : str
        One of its columns.
    """
    return _recognised(export, column, _present(export, column))


@cache
def named_quantities(column: str) -> tuple[Quantity, ...]:
    """Return the quantities that go by a column's name.

    Examples
    --------
    >>> [quantity.name for quantity in named_quantities("Serum creatinine (mg/dL)")]
    ['creatinine']
    >>> [quantity.name for quantity in named_quantities("ht")], named_quantities("wt_change")
    (['height', 'haematocrit'], ())
    """
    words = [word for word in column_words(column) if not word.isdecimal()]
    spellings = {"".join(words), "".join(word for word in words if word not in _OF_NO_MATTER.split())}
    return tuple(quantity for quantity in _QUANTITIES if not spellings.isdisjoint(quantity.words.split("|")))


def stated_unit(export: Export, column: str) -> str | None:
    """Return the unit that the export states: outside the cells, behind its numbers, or in the column's name.

    In a name it is what ends it behind a blank, a bracket, a dot or an underscore: ``age_years``, ``crp (mg/L)``.
    """
    decided = export.decisions.get(column, {}).get("unit")
    if decided:
        return decided
    bracketed = re.search(r"[\[(]\s*([^\[\]()]+?)\s*[\])]\s*\Z", column)
    if bracketed:
        unit = known_unit(f" {bracketed[1]}")
        return None if unit is None else display_unit(unit)
    parts = re.split(r"[\s._]+", column)
    for count in (2, 1):
        unit = known_unit("/".join(parts[-count:])) if len(parts) > count else None
        if unit is not None:
            return display_unit(unit)
    return None


def _zeros(export: Export, column: str) -> Zeros | None:
    values = _present(export, column)
    count = int(np.sum(values == 0))
    found = _recognised(export, column, values[values != 0]) if count else None
    if found is None or found.quantity.zero == "possible":
        return None
    impossible = found.quantity.zero == "impossible"
    return Zeros(column, found.quantity.name, count, values.size, impossible, sure=impossible)


def _present(export: Export, column: str) -> Array:
    if export.types[column] != "number":
        return np.empty(0)
    values: Array = export.table[column].to_numpy(dtype=np.float64)
    return values[~np.isnan(values)]


def _recognised(export: Export, column: str, values: Array) -> Recognised | None:
    fitting = [
        found
        for quantity in named_quantities(column)
        for scale in quantity.scales
        if (found := _fit(quantity, scale, values)) is not None
    ]
    stated = stated_unit(export, column)
    if stated is not None:
        return next((found for found in fitting if _same_unit(found.scale.unit, stated)), None)
    return fitting[0] if len(fitting) == 1 else None


def _fit(quantity: Quantity, scale: Scale, values: Array) -> Recognised | None:
    if not values.size or not scale.median[0] <= float(np.median(values)) <= scale.median[1]:
        return None
    below, above = int(np.sum(values < scale.lowest)), int(np.sum(values > scale.highest))
    return Recognised(quantity, scale, below, above) if below + above <= _FEW_OUTSIDE * values.size else None


def _same_unit(one: str, other: str) -> bool:
    return (known_unit(f" {one}") or one) == (known_unit(f" {other}") or other)
