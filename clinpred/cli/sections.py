"""Options in sections, so that the help of a command with many of them can be read."""

from collections.abc import Callable
from typing import Any

import click

_REST = "Options"


class SectionOption(click.Option):
    """An option that stands under a heading of the help."""

    def __init__(self, *declarations: Any, section: str = _REST, **settings: Any) -> None:  # noqa: ANN401  # as click
        self.section = section
        super().__init__(*declarations, **settings)


class SectionCommand(click.Command):
    """A command whose help lists its options by section, in the order in which they are declared."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", _REST), []).append(record)
        for section, records in sections.items():
            with formatter.section(section):
                formatter.write_dl(records)


def section(name: str) -> Callable[..., Callable[..., Any]]:
    """Return what declares an option under a heading."""

    def option(*declarations: str, **settings: Any) -> Callable[..., Any]:  # noqa: ANN401  # as click
        return click.option(*declarations, cls=SectionOption, section=name, **settings)

    return option
