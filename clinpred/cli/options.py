"""The options of ``run``, and the study that they and a study file ask for together."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from clinpred.cli.sections import section
from clinpred.errors import WrongUsage

of_run = section("Study and run")
outcome, role = section("Outcome"), section("Columns")
privacy, reading = section("Privacy"), section("How the export is read")
database = section("Database instead of EXPORT")

_SOURCE_OPTIONS = (
    database("--sql", metavar="URL", help="Read from a database: sqlite:///file.db, postgresql://host/name."),
    database("--query", metavar="SQL", help="With --sql: the query whose result is the export."),
)
_TABLE_TO_READ = database("--table", metavar="NAME", help="With --sql: the table that is the export.")
_READING_OPTIONS = (
    reading("--encoding", help="Of the export's text, such as cp1252."),
    reading("--delimiter", help="Between cells: the mark, or tab or blank."),
    reading("--decimal", type=click.Choice(["comma", "point"]), help="The decimal mark."),
    reading("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Of day, month and year."),
    reading("--excel-dates", type=click.Choice(["1900", "1904"]), help="Day 0 of dates written as numbers."),
    reading("--missing", multiple=True, metavar="COLUMN=VALUE", help="Stands for not known. Repeatable."),
    reading("--censored", multiple=True, metavar="COLUMN=HOW", help="<4.0 becomes limit, half or missing."),
    reading("--no-header", is_flag=True, help="The first line is a patient; name the columns with --columns."),
    reading("--columns", metavar="NAMES", help="Comma-separated, with --no-header."),
    reading("--member", help="Of a zip with several files."),
    reading("--sheet", help="Of a workbook with several."),
    reading("--dictionary", metavar="FILE", help="The data dictionary of a REDCap project, as CSV."),
)
_PRIVACY_OPTIONS = (
    privacy("--drop", multiple=True, metavar="COLUMN", help="Remove it as soon as it is read. Repeatable."),
    privacy("--allow-identifier", multiple=True, metavar="COLUMN", help="May stay; needs --because. Repeatable."),
    privacy("--coarsen", multiple=True, metavar="COLUMN=zip3", help="Keep 3 signs of a postcode. Repeatable."),
    privacy("--because", metavar="WHY", help="The reason for --allow-identifier and --keep; kept on record."),
)
_OUTCOME_OPTIONS = (
    outcome("--outcome", metavar="COLUMN", help="The outcome, or with --time the event."),
    outcome("--event", metavar="VALUE", help="The value of the outcome that is the event."),
    outcome("--no-event", multiple=True, metavar="VALUE", help="A value that is its absence. Repeatable."),
    outcome("--time", metavar="COLUMN", help="Days to the event or to the end of follow-up."),
    outcome("--horizon", type=float, metavar="DAYS", help="The event counts within so many days."),
    outcome("--early-censoring", type=click.Choice(["refuse", "exclude"]), help="Censored before the horizon."),
)
_ROLE_OPTIONS = (
    role("--patient-id", metavar="COLUMN", help="Who each row is about."),
    role("--site", metavar="COLUMN", help="Where; never a predictor."),
    role("--date", metavar="COLUMN", help="When; never a predictor."),
    role("--index-date", metavar="COLUMN", help="The moment of prediction; never a predictor."),
    role("--set-aside", multiple=True, metavar="COLUMN[=WHY]", help="Not a predictor. Repeatable."),
    role("--keep", multiple=True, metavar="COLUMN", help="A predictor despite S-LEAK; needs --because."),
)
_STUDY = of_run("--study", type=click.Path(path_type=Path), help="The study file (study.toml).")
_STRICT = of_run("--strict", is_flag=True, help="Refuse an export of which anything is noticed (W-).")
_RUN_OPTIONS = (
    of_run("--threshold", type=float, multiple=True, help="A risk at which one would act. Repeatable."),
    of_run("--held-out", type=float, metavar="SHARE", help="Share of patients held out [default: 0.25]."),
    of_run("--seed", type=click.IntRange(min=0), help="Seed of everything random [default: 20]."),
    of_run("--models", metavar="NAMES", help="Comma-separated; `standard` stands for the seven of the README."),
    of_run("--tuning", type=click.Choice(["loo", "kfold", "aicc"]), help="Chooses penalty strengths [default: loo]."),
    of_run("--bootstraps", type=click.IntRange(0, 10_000), help="Resamples of development patients [default: 200]."),
    of_run("--out", type=click.Path(path_type=Path), help="The run's folder [default: reports/<study>]."),
    of_run("--overwrite", is_flag=True, help="Replace the folder of an earlier run."),
    of_run("--save-predictions", is_flag=True, help="Also keep each held-out patient's risk, in private/."),
    of_run("--quiet", is_flag=True, help="Say nothing but errors."),
)
_ASKED_OF_RECORDS = (*_OUTCOME_OPTIONS, *_ROLE_OPTIONS, *_PRIVACY_OPTIONS, *_READING_OPTIONS, *_SOURCE_OPTIONS)


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``run``."""
    return _with(command, (_STUDY, *_RUN_OPTIONS, _STRICT, *_ASKED_OF_RECORDS, _TABLE_TO_READ))


def check_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``check``: those of ``run`` that say what is read, and as what."""
    return _with(command, (_STUDY, _STRICT, *_ASKED_OF_RECORDS))


def init_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``init``: those of ``check``, no study file among them."""
    return _with(command, (*_ASKED_OF_RECORDS, _TABLE_TO_READ))


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how an export is read."""
    return _with(command, (*_READING_OPTIONS, *_SOURCE_OPTIONS, _TABLE_TO_READ))


def _with(command: Callable[..., None], options: Sequence[Callable[..., Any]]) -> Callable[..., None]:
    for option in reversed(options):
        command = option(command)
    return command


def asked_source(exports: Sequence[Path], options: dict[str, Any]) -> Any:  # noqa: ANN401  # pydantic is imported late
    """Return where the records lie: one file or several, or a database."""
    if options["sql"] is None:
        if options["query"] is not None or not exports:
            raise _no_source(f"{'a query without a database' if options['query'] else 'no export'} was named")
        return exports[0] if len(exports) == 1 else tuple(exports)
    from clinpred.settings.export import Database
    from clinpred.settings.study import settings_from

    if exports or (options["query"] is None) == (options["table"] is None):
        raise _no_source("a database was named with a file, or without one query or one table")
    named = {name: options[name] for name in ("query", "table")}
    return settings_from(Database, {"url": options["sql"], **named}, source="command line")


def _no_source(found: str) -> WrongUsage:
    return WrongUsage(
        "E-NO-SOURCE",
        found,
        expected="an EXPORT, several of the same columns, or --sql URL with either --query SQL or --table NAME",
        to_fix="name where the records lie",
    )


def source_name(exports: Sequence[Path], options: dict[str, Any]) -> str:
    """Return what a study of these records is called if nobody names it."""
    stem = exports[0].name.split(".")[0] if exports else str(options["table"] or "query")
    return re.sub(r"[^A-Za-z0-9 ._-]+", "-", stem).strip(" ._-")[:80] or "study"


def asked_reading(options: dict[str, Any]) -> dict[str, Any]:
    """Return how the export is to be read, as far as the command line says so."""
    plain = ("encoding", "delimiter", "decimal", "date_order", "excel_dates", "member", "sheet", "dictionary")
    settled = {name: options[name] for name in plain if options[name] is not None}
    missing: dict[str, list[str]] = {}
    for column, value in _pairs("--missing", options["missing"]):
        missing.setdefault(column, []).append(value)
    censored = dict(_pairs("--censored", options["censored"]))
    lists = {"missing": missing, "censored": censored, "columns": (options["columns"] or "").split(",")}
    settled |= {name: value for name, value in lists.items() if any(value)}
    return settled | ({"no_header": True} if options["no_header"] else {})


def _pairs(option: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return column and value of texts such as ``sodium=999``; the last equals sign parts them."""
    pairs = [(column, value) for column, _, value in (text.rpartition("=") for text in texts)]
    if any(not column or not value for column, value in pairs):
        raise WrongUsage(
            "E-PAIR",
            f"{option} was given without a column or without a value",
            expected=f"{option} COLUMN=VALUE",
            to_fix="name the column and, after an equals sign, the value",
        )
    return pairs


def asked_study(exports: Sequence[Path], options: dict[str, Any]) -> Any:  # noqa: ANN401  # Study: imported late
    """Return the study that the file asks for, each option beating it."""
    from clinpred.settings.study import load_study, study_from

    settings = load_study(options["study"]).model_dump(exclude_unset=True) if options["study"] else {}
    settings.setdefault("name", source_name(exports, options))
    _merge_tables(settings, asked_of_records(options))
    _let_run_options_win(settings, options)
    if "outcome" not in settings:
        raise WrongUsage(
            "E-NO-OUTCOME",
            "no outcome was named",
            expected="--outcome COLUMN, or a study file with an [outcome] table",
            to_fix=f"clinpred init {' '.join(path.name for path in exports)} proposes a study file",
        )
    return study_from(settings, source="command line" if options["study"] is None else options["study"].name)


def asked_check(exports: Sequence[Path], options: dict[str, Any]) -> Any:  # noqa: ANN401  # Asked: imported late
    """Return how an export is to be audited: for a study where an outcome is named, else by itself."""
    from clinpred.settings.study import settings_from
    from clinpred.study.audited import Asked

    if options["outcome"] is None and options["study"] is None:
        records = asked_of_records(options)
        tables = {name: records[name] for name in ("export", "roles", "privacy")}
        return settings_from(Asked, {**tables, "strict": options["strict"]}, source="command line")
    unasked: dict[str, Any] = {
        "threshold": (),
        **dict.fromkeys(("held_out", "seed", "models", "tuning", "bootstraps")),
    }
    return Asked.of(asked_study(exports, {**unasked, **options}))


def asked_of_records(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the command line says of the records, as the tables of a study file."""
    because = options["because"]
    if (options["allow_identifier"] or options["keep"]) and not because:
        raise WrongUsage(
            "E-BECAUSE",
            "--allow-identifier or --keep was given without a reason",
            expected="--because WHY beside it",
            to_fix="say why the column may stay: the reason is kept in the run's record",
        )
    roles = {role: options[name] for role, name in _ROLES.items() if options[name] is not None}
    of_privacy = {
        "drop": list(options["drop"]),
        "allow": dict.fromkeys(options["allow_identifier"], because),
        "coarsen": dict(_pairs("--coarsen", options["coarsen"])),
    }
    return {
        "export": asked_reading(options),
        "outcome": _outcome(options),
        "roles": roles,
        "privacy": {name: asked for name, asked in of_privacy.items() if asked},
        "set_aside": dict(_column_and_why(text) for text in options["set_aside"]),
        "keep": dict.fromkeys(options["keep"], because),
    }


_ROLES = {"patient": "patient_id", "site": "site", "date": "date", "index_date": "index_date"}


def _merge_tables(settings: dict[str, Any], asked: dict[str, dict[str, Any]]) -> None:
    """Lay what is asked over the tables of a study file; a column as it stands takes the place of another outcome."""
    of_file, wanted = settings.get("outcome", {}), asked["outcome"]
    is_other = wanted.get("column", of_file.get("column")) != of_file.get("column")
    if is_other or ("column" in of_file and "event_column" in wanted):
        settings.pop("outcome", None)
    for table, values in asked.items():
        if values:
            settings[table] = {**settings.get(table, {}), **values}


def _let_run_options_win(settings: dict[str, Any], options: dict[str, Any]) -> None:
    asked = {
        "report": {"thresholds": list(options["threshold"])} if options["threshold"] else {},
        "partition": _given(options, "held_out"),
        "models": {**_models(options["models"]), **_given(options, "tuning")},
        "resampling": _given(options, "bootstraps"),
    }
    for table, values in asked.items():
        if values:
            settings[table] = {**settings.get(table, {}), **values}
    if options["seed"] is not None:
        settings["seed"] = options["seed"]
    if options["strict"]:
        settings["strict"] = True


def _given(options: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the options that were given, by the name of the setting."""
    return {name: options[name] for name in names if options[name] is not None}


def _outcome(options: dict[str, Any]) -> dict[str, Any]:
    is_timed = options["time"] is not None or options["horizon"] is not None
    asked = {
        "event_column" if is_timed else "column": options["outcome"],
        "event": options["event"],
        "no_event": list(options["no_event"]) or None,
        "time_column": options["time"],
        "horizon_days": options["horizon"],
        "early_censoring": options["early_censoring"],
    }
    return {key: value for key, value in asked.items() if value is not None}


def _column_and_why(text: str) -> tuple[str, str]:
    column, _, why = text.partition("=")
    return column, why or "set aside on the command line"


def _models(names: str | None) -> dict[str, Any]:
    if not names:
        return {}
    from clinpred.settings.models import STANDARD_MODELS

    asked = [name.strip() for name in names.split(",")]
    fit = [model for name in asked for model in (STANDARD_MODELS if name == "standard" else (name,))]
    return {"fit": fit}
