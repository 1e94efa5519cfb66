"""Who is studied: the outcome, the roles of columns, the predictors, the comparators."""

from typing import Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from clinpred.settings.frozen import Frozen


class Outcome(Frozen):
    """A binary outcome: a column and its event, or an event, its time and a horizon.

    ``column`` with ``event`` reads the outcome as it stands; of more than two values, ``no_event`` names those that
    are the event's absence. ``event_column`` with ``event``, ``time_column`` and
    ``horizon_days`` derives it: the event happened within the horizon. Patients whose follow-up ends before the
    horizon without the event are *censored early*; ``early_censoring`` says what becomes of them.
    """

    column: str | None = None
    event: str | None = None
    no_event: tuple[str, ...] = ()
    event_column: str | None = None
    time_column: str | None = None
    horizon_days: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    early_censoring: Literal["refuse", "exclude"] = "refuse"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        timed = (self.event_column, self.time_column, self.horizon_days)
        if self.column is not None and any(part is not None for part in timed):
            raise ValueError("give either `column`, or `event_column`, `time_column` and `horizon_days`")
        if self.column is None and any(part is None for part in timed):
            raise ValueError("needs `column`, or `event_column`, `time_column` and `horizon_days` together")
        if self.no_event and (self.event is None or self.event in self.no_event):
            raise ValueError("`no_event` names the values beside `event`")
        return self

    @property
    def is_timed(self) -> bool:
        """Whether the outcome is derived from an event, its time and a horizon."""
        return self.column is None

    @property
    def columns(self) -> tuple[str, ...]:
        """The export's columns that define the outcome; none of them may be a predictor."""
        named = (self.column, self.event_column, self.time_column)
        return tuple(name for name in named if name is not None)

    @property
    def rule(self) -> str:
        """The outcome in words: the column's name, or the rule that derives it from event, time and horizon."""
        if self.column is not None:
            return self.column
        return f"{self.event_column} within {self.horizon_days:g} days ({self.time_column})"


class Roles(Frozen):
    """Columns that say who, where and when; never predictors.

    ``index_date`` is the moment of prediction: what is dated later cannot be known then.
    """

    patient: str | None = None
    site: str | None = None
    date: str | None = None
    index_date: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that have a role."""
        return tuple(name for name in (self.patient, self.site, self.date, self.index_date) if name is not None)


class Predictor(Frozen):
    """What is known of one predictor before its data are seen.

    ``knots`` asks for a restricted cubic spline of a number: 3 to 7 of them, or 0 for a straight line.
    """

    type: Literal["number", "category", "ordered"] | None = None
    levels: tuple[str, ...] | None = None
    unit: str | None = None
    range: tuple[FiniteFloat, FiniteFloat] | None = None
    below_range: Literal["refuse", "missing"] = "refuse"
    above_range: Literal["refuse", "missing"] = "refuse"
    knots: Literal[0, 3, 4, 5, 6, 7] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.type == "ordered" and not self.levels:
            raise ValueError("an ordered predictor needs `levels`, lowest first")
        if self.levels is not None and self.type == "number":
            raise ValueError("a number has no `levels`")
        if self.knots is not None and (self.levels is not None or self.type not in {None, "number"}):
            raise ValueError("only a number has `knots`")
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError("`range` is [lowest, highest]")
        return self


class Comparator(Frozen):
    """A risk that the export already holds. ``survival`` marks a survival probability: risk = 1 - value."""

    survival: bool = False
