"""The options of ``run``, and the study that they and a study file ask for together."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from clinpred.errors import WrongUsage

_RUN_OPTIONS = (
    click.option("--study", type=click.Path(path_type=Path), help="The study file (study.toml)."),
    click.option("--outcome", metavar="COLUMN", help="The outcome, or with --time the event."),
    click.option("--event", metavar="VALUE", help="The value of the outcome that is the event."),
    click.option("--time", metavar="COLUMN", help="Days to the event or to the end of follow-up."),
    click.option("--horizon", type=float, metavar="DAYS", help="The event counts within so many days."),
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


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``run``."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


def asked_study(export: Path, options: dict[str, Any]) -> Any:  # noqa: ANN401  # Study: pydantic is imported late
    """Return the study that the file asks for, each option beating it."""
    from clinpred.settings.study import load_study, study_from

    settings = load_study(options["study"]).model_dump(exclude_unset=True) if options["study"] else {}
    settings.setdefault("name", _study_name(export))
    _let_options_win(settings, options)
    if "outcome" not in settings:
        raise WrongUsage(
            "E-NO-OUTCOME",
            "no outcome was named",
            expected="--outcome COLUMN, or a study file with an [outcome] table",
            to_fix=f"clinpred run {export.name} --outcome COLUMN",
        )
    return study_from(settings, source="command line" if options["study"] is None else options["study"].name)


def _let_options_win(settings: dict[str, Any], options: dict[str, Any]) -> None:
    if options["outcome"] is not None or options["time"] is not None or options["horizon"] is not None:
        settings["outcome"] = _outcome(options)
    elif options["event"] is not None:
        settings["outcome"] = {**settings.get("outcome", {}), "event": options["event"]}
    roles = {"patient": options["patient_id"], "site": options["site"], "date": options["date"]}
    _merge(settings, "roles", {role: column for role, column in roles.items() if column is not None})
    _merge(settings, "set_aside", dict(_column_and_why(text) for text in options["set_aside"]))
    _merge(settings, "report", {"thresholds": list(options["threshold"])} if options["threshold"] else {})
    _merge(settings, "partition", {"held_out": options["held_out"]} if options["held_out"] is not None else {})
    _merge(settings, "models", _models(options["models"]) if options["models"] else {})
    if options["seed"] is not None:
        settings["seed"] = options["seed"]


def _outcome(options: dict[str, Any]) -> dict[str, Any]:
    if options["time"] is None and options["horizon"] is None:
        return {"column": options["outcome"], "event": options["event"]}
    return {
        "event_column": options["outcome"],
        "event": options["event"],
        "time_column": options["time"],
        "horizon_days": options["horizon"],
    }


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
    return {"fit": fit, "primary": None}


def _study_name(export: Path) -> str:
    stem = export.name.split(".")[0]
    return re.sub(r"[^A-Za-z0-9 ._-]+", "-", stem).strip(" ._-")[:80] or "study"
