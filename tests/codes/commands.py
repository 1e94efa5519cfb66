"""What the command line and the study file ask for."""

from codes_situations import BASE, KNOWN, Situation, after, called, command, csv_of

from clinpred.codes import explain
from clinpred.settings.study import study_from
from clinpred.validation.sample_size import development

NAMED = {"column": "died"}


def on_export(columns, *arguments):
    return after(lambda place: place.file(csv_of(columns)), command(*arguments))


def study(**settings):
    return lambda: [study_from({"outcome": NAMED} | settings, source="study.toml")]


def size(**anticipated):
    return lambda: [development(0.174, 24, **anticipated)]


CHECK = ("check", "export.csv", "--outcome", "died", "--keep", "age")
LABS = {name: BASE[name] for name in ("pid", "age", "sodium")}

FIRES = {
    "E-BECAUSE": Situation(on_export(BASE, *CHECK), on_export(BASE, *CHECK, "--because", "measured at admission")),
    "E-CODE": called(lambda: [explain("W-SENTINAL")], lambda: [explain("W-SENTINEL")]),
    "E-IDLE": Situation(
        on_export(BASE, "check", "export.csv", "--sheet", "Visits"),
        on_export(BASE, "check", "export.csv", "--encoding", "utf-8"),
    ),
    "E-NO-OUTCOME": Situation(on_export(LABS, "init", "export.csv"), on_export(BASE, "init", "export.csv")),
    "E-NO-SOURCE": Situation(
        on_export(BASE, "check", "export.csv", "--query", "select 1"), on_export(BASE, "check", "export.csv")
    ),
    "E-PAIR": Situation(
        on_export(BASE, "check", "export.csv", "--missing", "age"),
        on_export(BASE, "check", "export.csv", "--missing", "age=999"),
    ),
    "E-SIZE": called(size(), size(cox_snell_r2=0.288)),
    "E-SIZE-RANGE": called(size(cox_snell_r2=0.7), size(cox_snell_r2=0.288)),
    "E-STUDY": called(study(role=KNOWN["roles"]), study(**KNOWN)),
}
