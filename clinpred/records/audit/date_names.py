"""What a column of dates is the date of, by its name."""

import re

from clinpred.records.audit.column_words import column_words

_DATE_WORD = re.compile(
    r"dates?|datum|data|fecha|dato|dt|dtc|dtm|day|tag|jour|dia|datetime|timestamp|time|zeit|when|on"
)
_SMALL_WORD = re.compile(r"of|the|de|del|della|der|des|du|la|le|el|di|van|do|da|at|patients?|pat")
_KINDS = {
    "birth": r"birth|born|dob|geburt|geburts|geboren|naissance|nacimiento|nascita|nascimento|geboorte|fodsel|fodelse",
    "admission": r"admission|admit|admitted|aufnahme|ingreso|ricovero|opname|internacao|inskrivning",
    "discharge": r"discharge|discharged|disch|dsch|entlassung|entlassungs|dimissione|ontslag|utskrivning|sortie",
    "death": r"death|died|dod|deceased|dth|todes|sterbe|deces|muerte|fallecimiento|morte|decesso|obito|overlijden",
    "diagnosis": r"diagnosis|diagnose|diagnosed|diagnostic|diagnostico|diagnosi|dx",
    "surgery": r"surgery|operation|op|operacion|chirurgie|intervention|cirugia|operatie|randomi[sz]ation|randomi[sz]ed",
    "visit": r"visit|besuch|visite|visita|consultation",
    "sample": r"sample|specimen|collected|probe|blood",
}
_KIND = {kind: re.compile(words) for kind, words in _KINDS.items()}
_JOINED = {
    "birthdate": ("birth", "date"),
    "geburtsdatum": ("birth", "date"),
    "admissiondate": ("admission", "date"),
    "admitdate": ("admission", "date"),
    "aufnahmedatum": ("admission", "date"),
    "dischargedate": ("discharge", "date"),
    "entlassungsdatum": ("discharge", "date"),
    "deathdate": ("death", "date"),
    "todesdatum": ("death", "date"),
    "sterbedatum": ("death", "date"),
    "admittime": ("admission", "time"),
    "dischtime": ("discharge", "time"),
    "deathtime": ("death", "time"),
    "surgerydate": ("surgery", "date"),
    "diagnosisdate": ("diagnosis", "date"),
    "visitdate": ("visit", "date"),
    "brthdtc": ("birth", "date"),
    "dthdtc": ("death", "date"),
}


def date_kind(column: str) -> tuple[str, tuple[str, ...]] | None:
    """Return what a column of dates is the date of, and the words that say which one; None where it is not sure.

    Examples
    --------
    >>> date_kind("Date of birth"), date_kind("icu_discharge_date"), date_kind("dischtime")
    (('birth', ()), ('discharge', ('icu',)), ('discharge', ()))
    >>> date_kind("birth_date_mother"), date_kind("death_or_discharge"), date_kind("date")
    (('birth', ('mother',)), None, None)
    """
    words = tuple(word for word in stem_words(column) if not _SMALL_WORD.fullmatch(word))
    kinds = [(kind, word) for word in words for kind, known in _KIND.items() if known.fullmatch(word)]
    if len(kinds) != 1:
        return None
    kind, told_by = kinds[0]
    return kind, tuple(word for word in words if word != told_by)


def stem_words(column: str) -> tuple[str, ...]:
    """Return the words of a name but those that only say that it is a date.

    Examples
    --------
    >>> stem_words("crp_date"), stem_words("date CRP 2"), stem_words("admittime")
    (('crp',), ('crp', '2'), ('admission',))
    """
    words = [part for word in column_words(column) for part in _JOINED.get(word, (word,))]
    return tuple(word for word in words if not _DATE_WORD.fullmatch(word))
