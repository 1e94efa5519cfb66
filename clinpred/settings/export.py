"""Where the records lie and how they are to be read, where they do not say so themselves."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from clinpred.settings.frozen import Frozen

_MARKS_BY_NAME = {
    **{"tab": "\t", "\\t": "\t", "blank": " ", "space": " "},
    **{"comma": ",", "semicolon": ";", "bar": "|", "pipe": "|"},
}


class Database(Frozen):
    """A table of a database, or what a query of it returns. The URL may hold a password: it is never shown or kept."""

    url: str = Field(repr=False)
    query: str | None = None
    table: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.query is None) == (self.table is None):
            raise ValueError("give either a query or a table")
        return self


class Reading(Frozen):
    """What the analyst decides about an export whose bytes leave it open; None and empty mean: as the export shows.

    ``missing`` names, column by column, the values that stand for "not known"; ``censored`` says what becomes of
    laboratory values such as <4.0: the limit, half of it, or missing; ``excel_dates`` from which year on Excel counted
    the days in columns of dates; ``delimiter`` may be a mark's name (tab, blank, comma, ...); ``member`` is the file
    inside a zip archive; ``sheet`` that of a workbook; ``dictionary`` the path of a REDCap project's data dictionary.
    """

    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal["comma", "point"] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    excel_dates: Literal["1900", "1904"] | None = None
    missing: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    censored: dict[str, Literal["limit", "half", "missing"]] = Field(default_factory=dict)
    no_header: bool = False
    columns: tuple[str, ...] = ()
    member: str | None = None
    sheet: str | None = None
    dictionary: str | None = None

    @field_validator("delimiter", mode="before")
    @classmethod
    def _mark_of_a_name(cls, given: object) -> object:
        return _MARKS_BY_NAME.get(given.casefold(), given) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _names_where_there_is_no_header(self) -> Self:
        if self.no_header != bool(self.columns):
            raise ValueError("`no_header` and `columns` belong together")
        return self
