"""Units written behind numbers: a closed list, so that a code such as ``12E03`` or ``3a`` is never cut in two."""

import re
import unicodedata

_AMOUNTS = "mol mmol umol nmol pmol kg g mg ug ng pg eq meq ueq iu u miu uiu kiu ku mu cells"
_OTHERS = """
    10^9/l 10^12/l 10^6/l 10^3/ul 10^6/ul x10^9/l x10^12/l 10*9/l 10*12/l 1e9/l g/g mg/g ug/g ng/g
    mg/kg ug/kg ml/kg g/kg iu/kg u/kg mg/m2 kg/m2 kg/m^2 kg/m² m2 m^2 m² cm2 mm2 cm² mm² cm3 mm3
    ml/min ml/min/1.73m2 ml/min/1.73m^2 ml/min/1.73m² l/min ml/h ml/hr ml/kg/min ug/kg/min mg/h
    mmhg cmh2o kpa mbar bpm beats/min breaths/min /min 1/min mm/h mm/hr mosm/kg mosm/l mmol/kg
    kg mg ug ng pg cm mm um nm ml dl ul cl kcal kj mmol umol nmol mol meq iu
    year years yrs yr month months week weeks wks day days hour hours hrs hr min mins minutes sec secs
    °c °f degc degf celsius fahrenheit ms msec kda lb lbs pounds inch inches ft pack-years packyears %
"""
_VOLUMES = ("l", "dl", "ml", "ul", "mmol", "mol")
_UNITS = {*_OTHERS.split(), *(f"{amount}/{volume}" for amount in _AMOUNTS.split() for volume in _VOLUMES)}
# One letter is a unit only behind a blank: 3m and 2d are codes as well.
_ONE_LETTER = {"g", "l", "m", "s", "h", "d", "y", "u", "k"}
_MICRO = str.maketrans({"µ": "u", "μ": "u", "％": "%"})


def known_unit(text: str) -> str | None:
    """Return a unit in the form in which two spellings of it are equal, or None for what is no unit.

    Parameters
    ----------
    text : str
        What follows the digits, with the blank before it if there is one.

    Examples
    --------
    >>> known_unit(" µmol/L"), known_unit("umol/l"), known_unit("%"), known_unit("E03"), known_unit("d")
    ('umol/l', 'umol/l', '%', None, None)
    """
    bare = unicodedata.normalize("NFC", text.strip()).translate(_MICRO).casefold().translate(_MICRO)
    if bare in _UNITS or (bare in _ONE_LETTER and text[:1].isspace()):
        return bare
    return None


def display_unit(unit: str) -> str:
    """Return a known unit as it is usually written.

    Examples
    --------
    >>> display_unit("umol/l"), display_unit("mg/dl"), display_unit("mmhg")
    ('umol/L', 'mg/dL', 'mmHg')
    """
    litres = re.sub(r"(?<=/)([dmu]?)l$", r"\1L", unit)
    return litres.replace("mmhg", "mmHg").replace("meq", "mEq")
