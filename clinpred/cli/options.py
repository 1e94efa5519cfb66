"""The options of ``run``, and the study that they and a study file ask for together."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from clinpred.errors import WrongUsage

_READING_OPTIONS = (
    click.option("--encoding", help="Of the export's text, such as cp1252."),
    click.option("--delimiter", help="Between cells."),
    click.option("--decimal", type=click.Choice(["comma", "point"]), help="The decimal mark."),
    click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Of day, month and year."),
    click.option("--excel-dates", type=click.Choice(["1900", "1904"]), help="Day 0 of dates written as numbers."),
    click.option("--missing", multiple=True, metavar="COLUMN=VALUE", help="Stands for not known. Repeatable."),
    click.option("--censored", multiple=True, metavar="COLUMN=HOW", help="<4.0 becomes limit, half or missing."),
    click.option("--no-header", is_flag=True, help="The first line is a patient; name the columns with --columns."),
    click.option("--columns", metavar="NAMES", help="Comma-separated, with --no-header."),
    click.option("--member", help="Of a zip with several files."),
)
_RUN_OPTIONS = (
    click.option("--study", type=click.Path(path_type=Path), help="The study file (study.toml)."),
    click.option("--outcome", metavar="COLUMN", help="The outcome, or with --time the event."),
    click.option("--event", metavar="VALUE", help="The value of the outcome that is the event."),
    click.option("--time", metavar="COLUMN", help="Days to the event or to the end of follow-up."),
    click.option("--horizon", type=float, metavar="DAYS", help="The event counts within so many days."),
    click.option("--early-censoring", type=click.Choice(["refuse", "exclude"]), help="Censored before the horizon."),
    click.option("--patient-id", metavar="COLUMN", help="Who each row is about."),
    click.option("--site", metavar="COLUMN", help="Where; never a predictor."),
    click.option("--date", metavar="COLUMN", help="When; never a predictor."),
    click.option("--set-aside", multiple=True, metavar="COLUMN[=WHY]", help="Not a predictor. Repeatable."),
    click.option("--threshold", type=float, multiple=True, help="A risk at which one would act. Repeatable."),
    click.option("--held-out", type=float, metavar="SHARE", help="Share of patients held out [default: 0.25]."),
    click.option("--seed", type=click.IntRange(min=0), help="Seed of everything random [default: 20]."),
    click.option("--models", metavar="NAMES", help="Comma-separated; `standard` stands for the seven of the README."),
    click.option("--out", type=click.Path(path_type=Path), help="The run's folder [default: reports/<study>]."),
    click.option("--overwrite", is_flag=True, help="Replace the folder of an earlier run."),
    click.option("--save-predictions", is_flag=True, help="Also keep each held-out patient's risk, in private/."),
    click.option("--quiet", is_flag=True, help="Say nothing but errors."),
)
_STUDY_OPTIONS = 10
"""So many of them say what is studied; the others say what is done with it."""


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``run``."""
    return _with(command, (*_RUN_OPTIONS, *_READING_OPTIONS))


def check_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``check``: those of ``run`` that say what is read, and as what."""
    return _with(command, (*_RUN_OPTIONS[:_STUDY_OPTIONS], *_READING_OPTIONS))


def _with(command: Callable[..., None], options: Sequence[Callable[..., Any]]) -> Callable[..., None]:
    for option in reversed(options):
        command = option(command)
    return command


def asked_reading(options: dict[str, Any]) -> dict[str, Any]:
    """Return how the export is to be read, as far as the command line says so."""
    plain = ("encoding", "delimiter", "decimal", "date_order", "excel_dates", "member")
    reading = {name: options[name] for name in plain if options[name] is not None}
    missing: dict[str, list[str]] = {}
    for text in options["missing"]:
        column, _, value = text.partition("=")
        missing.setdefault(column, []).append(value)
    censored = dict(text.partition("=")[::2] for text in options["censored"])
    lists = {"missing": missing, "censored": censored, "columns": (options["columns"] or "").split(",")}
    reading |= {name: value for name, value in lists.items() if any(value)}
    return reading | ({"no_header": True} if options["no_header"] else {})


def asked_study(export: Path, options: dict[str, Any]) -> Any:  # noqa: ANN401  # Study: pydantic is imported late
    """Return the study that the file asks for, each option beating it."""
    from clinpred.settings.study import load_study, study_from

    settings = load_study(options["study"]).model_dump(exclude_unset=True) if options["study"] else {}
    settings.setdefault("name", _study_name(export))
    _let_options_win(settings, options)
    _merge(settings, "export", asked_reading(options))
    if "outcome" not in settings:
        raise WrongUsage(
            "E-NO-OUTCOME",
            "no outcome was named",
            expected="--outcome COLUMN, or a study file with an [outcome] table",
            to_fix=f"clinpred run {export.name} --outcome COLUMN",
        )
    return study_from(settings, source="command line" if options["study"] is None else options["study"].name)


def asked_check(export: Path, options: dict[str, Any]) -> tuple[Any, Any]:
    """Return how an export is to be read, and its study where an outcome is named."""
    from clinpred.settings.export import Reading

    if options["outcome"] is None and options["study"] is None:
        return Reading.model_validate(asked_reading(options)), None
    unasked = dict.fromkeys(("held_out", "seed", "models"), None)
    study = asked_study(export, {"threshold": (), **unasked, **options})
    return study.export, study


def _let_options_win(settings: dict[str, Any], options: dict[str, Any]) -> None:
    outcome = _outcome(settings.get("outcome", {}), options)
    if outcome:
        settings["outcome"] = outcome
    roles = {"patient": options["patient_id"], "site": options["site"], "date": options["date"]}
    _merge(settings, "roles", {role: column for role, column in roles.items() if column is not None})
    _merge(settings, "set_aside", dict(_column_and_why(text) for text in options["set_aside"]))
    _merge(settings, "report", {"thresholds": list(options["threshold"])} if options["threshold"] else {})
    _merge(settings, "partition", {"held_out": options["held_out"]} if options["held_out"] is not None else {})
    _merge(settings, "models", _models(options["models"]) if options["models"] else {})
    if options["seed"] is not None:
        settings["seed"] = options["seed"]


def _outcome(of_file: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the file's outcome with the options laid over it; an outcome without a time is a column as it stands."""
    is_timed = options["time"] is not None or options["horizon"] is not None
    if options["outcome"] is not None and not is_timed:
        of_file = {}
    asked = {
        "event_column" if is_timed else "column": options["outcome"],
        "event": options["event"],
        "time_column": options["time"],
        "horizon_days": options["horizon"],
        "early_censoring": options["early_censoring"],
    }
    return {**of_file, **{key: value for key, value in asked.items() if value is not None}}


def _merge(settings: dict[str, Any], table: str, asked: dict[str, Any]) -> None:
    if asked:
        settings[table] = {**settings.get(table, {}), **asked}


def _column_and_why(text: str) -> tuple[str, str]:
    column, _, why = text.partition("=")
    return column, why or "set aside on the command line"


def _models(names: str) -> dict[str, Any]:
    from clinpred.settings.models import STANDARD_MODELS

    asked = [name.strip() for name in names.split(",")]
    fit = [model for name in asked for model in (STANDARD_MODELS if name == "standard" else (name,))]
    return {"fit": fit}


def _study_name(export: Path) -> str:
    stem = export.name.split(".")[0]
    return re.sub(r"[^A-Za-z0-9 ._-]+", "-", stem).strip(" ._-")[:80] or "study"
