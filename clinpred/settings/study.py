"""The study protocol: ``study.toml`` read into frozen, checked objects, and written back as resolved."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import tomlkit
from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from clinpred.errors import InputRefused, ResourceRefused, WrongUsage
from clinpred.settings.cohort import Comparator, Outcome, Predictor, Roles
from clinpred.settings.correlation import Correlation
from clinpred.settings.export import Reading
from clinpred.settings.frozen import Frozen
from clinpred.settings.models import Models
from clinpred.settings.privacy import Privacy
from clinpred.settings.recipe import Preparing
from clinpred.settings.validation import Partition, Report, Resampling

Settings = TypeVar("Settings", bound=Frozen)


class Study(Frozen):
    """One study's whole protocol, decided before the data are seen.

    ``set_aside`` names columns that are no predictors, ``keep`` those that stay predictors although they look like a
    leak, each with the reason. ``strict`` refuses an export of which anything is noticed.
    """

    name: str = Field(default="study", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$", max_length=80)
    seed: int = Field(default=20, ge=0)
    strict: bool = False
    export: Reading = Reading()
    outcome: Outcome
    roles: Roles = Roles()
    privacy: Privacy = Privacy()
    set_aside: dict[str, str] = Field(default_factory=dict)
    keep: dict[str, str] = Field(default_factory=dict)
    comparators: dict[str, Comparator] = Field(default_factory=dict)
    predictors: dict[str, Predictor] = Field(default_factory=dict)
    correlation: Correlation = Correlation()
    preparation: Preparing = Preparing()
    partition: Partition = Partition()
    models: Models = Models.model_validate({})
    resampling: Resampling = Resampling()
    report: Report = Report()

    @model_validator(mode="after")
    def _one_role_a_column(self) -> Self:
        named = (*self.outcome.columns, *self.roles.columns, *self.set_aside, *self.comparators, *self.predictors)
        twice = sorted({column for column in named if named.count(column) > 1})
        if twice:
            raise ValueError(f"more than one role for {', '.join(f'`{column}`' for column in twice)}")
        return self


def load_study(path: Path) -> Study:
    """Read and check a study file.

    Raises
    ------
    InputRefused
        The file is missing or not TOML.
    WrongUsage
        A key is unknown or a value has the wrong type; every fault is listed, with the nearest known key.
    """
    if path.exists() and not path.is_file():
        raise WrongUsage(
            "E-NOT-FILE",
            f"{path.name}: a folder or a device, not a file",
            expected="a study file",
            to_fix="name the file itself",
        )
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        if not isinstance(fault, FileNotFoundError):
            raise _unreadable(path, fault) from None
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such file",
            expected="a study file",
            to_fix="check the path, or leave --study out and name the outcome with --outcome",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise WrongUsage(
            "E-STUDY",
            f"{path.name}: not a TOML file ({fault})",
            expected="TOML 1.0 in UTF-8",
            to_fix="correct the line named above",
        ) from None
    return study_from(settings, source=path.name)


def _unreadable(path: Path, fault: OSError) -> ResourceRefused:
    return ResourceRefused(
        "R-PATH",
        f"the study file `{path.name}` cannot be read ({fault.strerror})",
        expected="a file that may be read",
        to_fix="check the path and its permissions",
    )


def study_from(settings: Mapping[str, Any], *, source: str) -> Study:
    """Check settings that were read from ``source`` (a file's name, or ``"command line"``)."""
    return settings_from(Study, settings, source=source)


def settings_from(kind: type[Settings], settings: Mapping[str, Any], *, source: str) -> Settings:
    """Check the settings of a study, or of a part of it.

    Raises
    ------
    WrongUsage
        E-STUDY: every fault is listed, with the nearest known key.
    """
    try:
        return kind.model_validate(settings)
    except ValidationError as fault:
        faults = [_in_words(error) for error in fault.errors()]
        raise WrongUsage(
            "E-STUDY",
            "\n".join(f"{source}: {line}" for line in faults),
            expected="the keys and types of study.toml (README, section `study.toml`)",
            to_fix=f"correct the {len(faults)} setting{'s' if len(faults) > 1 else ''} named above",
        ) from None


def dump_study(study: Study) -> str:
    """Write the resolved settings as TOML; reading them back gives the same study."""
    settings = study.model_dump(mode="json", exclude_none=True)
    for table in ("export", "privacy"):
        settings[table] = getattr(study, table).model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    if not study.correlation.clusters:
        del settings["correlation"]["clusters"]
    return tomlkit.dumps({key: value for key, value in settings.items() if value != {}})


def _in_words(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key `{place}`{_did_you_mean(error['loc'])}"
    message = error["msg"].removeprefix("Value error, ")
    return f"`{place}`: {message}" if place else message


def _did_you_mean(place: Iterable[int | str]) -> str:
    *parents, key = place
    nearest = difflib.get_close_matches(str(key), _known_keys(parents), n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def _known_keys(parents: list[int | str]) -> list[str]:
    settings: type[Frozen] = Study
    tables: dict[str, type[Frozen]] = {
        "export": Reading,
        "outcome": Outcome,
        "roles": Roles,
        "privacy": Privacy,
        "comparators": Comparator,
        "predictors": Predictor,
        "correlation": Correlation,
        "preparation": Preparing,
        "partition": Partition,
        "models": Models,
        "resampling": Resampling,
        "report": Report,
    }
    if parents:
        settings = tables.get(str(parents[0]), Study)
    return list(settings.model_fields)
