"""Names of columns that are filled in only after the moment of prediction: death, discharge, follow-up, survival."""

import re

from clinpred.records.audit.column_words import column_words

_DEATH = r"death|died|dead|dth|dod|deceased|decease|demise|mort|mortality|expired|todes|verstorben|gestorben"
_DEATH += r"|sterbe|deces|mort|decede|muerte|fallecimiento|fallecido|defuncion|decesso|morte|deceduto|obito|overlijden"
_DEATH += r"|overleden|sterfte|dodsfall|kuolema|zgon"
_WHEN = r"date|datum|data|fecha|dato|dt|dtc|time|zeit|tijd|tiempo|tempo|temps|day|days|tag|tage|jour|jours|dia|dias"
_WHEN += r"|month|months|mo|mon|year|years|yr|yrs|jahr|jahre|da|d|t"
_WHY = r"cause|caus|causa|ursache|oorzaak|icd|icd10|icd9|code|reason|place|status|flag|fl|indicator|chapter"
_ENDPOINT = r"os|pfs|dfs|rfs|efs|ttf|ttp|dmfs|tdm|mfs|lrfs|dss|css"

_WHOLE_NAMES = (
    rf"(?:{_DEATH})",
    rf"(?:(?:{_WHEN}|{_WHY})_)+(?:(?:of|de|der|des|du|la|di|van|do|da|to|until|bis)_)*(?:{_DEATH})(?:_(?:{_WHEN}|{_WHY}|\d+))*",
    rf"(?:in_)?(?:hosp|hospital|icu|inhospital|inhosp|is|all_cause|patient|pat)_(?:{_DEATH})",
    rf"(?:{_DEATH})_(?:{_WHEN}|{_WHY}|\d+)(?:_(?:{_WHEN}|{_WHY}|of|\d+))*",
    r"(?:yr|mo|da|day|dt|date)dth|dth(?:dt|dtc|fl|caus)|hosp(?:ital)?(?:dead|death)"
    r"|(?:todes|sterbe|overlijdens|dods|dodsfalls)(?:datum|dato|zeit|tid|tijd|ursache|orsak|arsag|arsak|oorzaak)|deathdate|deathtime|dateofdeath",
    r"(?:days?|time|t|months?|years?|weeks?)_(?:to|until|till)_(?:event|death|failure|relapse|recurrence|progression"
    r"|readmission|last_(?:contact|follow_?up)|censoring)",
    rf"(?:surv|survival|survie|supervivencia|sopravvivenza|ueberleben|uberleben|overleving|overall_survival|{_ENDPOINT})"
    rf"_(?:{_WHEN}|{_WHY}|event|censor|censored)",
    rf"(?:{_WHEN}|e|event|status)_(?:surv|survival|{_ENDPOINT})",
    r"survived|survivor|survtime|survivaltime|uberlebenszeit|uberlebt|time_2_event|event_?time|tte"
    r"|(?:d|r|s|fu|rfs|dfs|pfs)_?time|fustat|cnsr|censor|censored|censoring",
    rf"(?:(?:{_WHEN}|last|end|of|lost|status)_)*(?:fu|fup|follow_?up|nachbeobachtung|suivi|seguimiento|followup)"
    rf"(?:_(?:{_WHEN}|status|duration|length|end|lost|loss))+",
    rf"(?:(?:{_WHEN}|duration|length|years|months)_(?:of_)?)+(?:fu|fup|follow_?up|nachbeobachtung|suivi|seguimiento)",
    rf"(?:last_(?:contact|seen|alive)|date_last_(?:contact|seen|alive)|lastcontact)(?:_(?:{_WHEN}))?",
    r"(?:hosp(?:ital)?_|icu_)?(?:discharge|disch|dsch|dc|entlass|entlassung|entlassungs|sortie|alta|dimissione|ontslag)"
    rf"_(?:{_WHEN}|status|disposition|disp|destination|dest|location|type|code|diagnosis|reason|to|home|alive|art|grund)",
    r"entlassungsart|entlassungsgrund|entlassungsdatum|entlassart|dischstatus|dischargestatus|discharge_?disposition",
    r"(?:discharged?|vital)_(?:alive|dead|status)|vitalstatus|vital_?state|disposition",
    r"(?:los|length_of_stay|verweildauer|icu_los|hosp(?:ital)?_los|los_(?:hosp(?:ital)?|icu|total|days)|icu_los_total"
    r"|hosp(?:ital)?_length_of_stay|icu_length_of_stay|liegedauer|duree_sejour|slos)",
    r"(?:total_?)?(?:charges|costs?|totcst|totmcst)|autopsy|post_?mortem|obduktion",
)
_TELLING = re.compile("|".join(f"(?:{name})" for name in _WHOLE_NAMES))


def tells_the_outcome(column: str) -> bool:
    """Whether a column's whole name says that it is known only after the moment of prediction.

    Examples
    --------
    >>> [tells_the_outcome(name) for name in ("death_date", "d.time", "Todesursache", "icu_los_total")]
    [True, True, True, True]
    >>> [tells_the_outcome(name) for name in ("family_history_death", "time", "daytime", "mortgage", "status")]
    [False, False, False, False, False]
    """
    return bool(_TELLING.fullmatch("_".join(column_words(column))))
