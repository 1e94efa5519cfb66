"""What a person sees on a terminal: errors in house form, a progress bar, findings and the verdict, all on stderr."""

import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from clinpred.errors import ClinpredError

Progress = Callable[[str, float], None]
_NAME = re.compile("`[^`]*`")
_LEVELS = {"serious": "red", "caution": "yellow"}


class HouseGroup(click.Group):
    """A group of commands whose errors are in house form and whose exit codes are the contract's."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # as click has it
        """Run a command; show an error's message, never a value of a patient."""
        signal.signal(signal.SIGTERM, _stop)
        try:
            return super().invoke(ctx)
        except ClinpredError as error:
            click.echo(f"{click.style('error:', fg='red', bold=True)} {printable(str(error))}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt as stop:
            click.echo("stopped: nothing was written", err=True)
            sys.exit(143 if isinstance(stop, _Terminated) else 130)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as fault:  # the last resort: a bug is shown by place, not by value
            click.echo(_bug(fault), err=True)
            sys.exit(1)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Show how far a run is, on a terminal only; hands over a function of what is being done and the share done."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, share: bar.update(task, description=f"{what:<34}", completed=share)


def say_findings(findings: list[Any], *, every: bool = False) -> None:
    """List serious findings and cautions; notes too where every one is asked for, else they are only counted."""
    told = [finding for finding in findings if every or finding.level in _LEVELS]
    for finding in told:
        level = click.style(f"{finding.level}:", fg=_LEVELS.get(finding.level), bold=True)
        click.echo(f"{level} {printable(finding.text)} [{finding.code}]", err=True)
        if finding.level in _LEVELS:
            click.echo(f"  to do: {printable(finding.advice)}", err=True)
    if notes := len(findings) - len(told):
        click.echo(f"{notes} note{'s' if notes > 1 else ''} in the report", err=True)


def say_verdict(results: Any) -> None:  # noqa: ANN401  # Results: pydantic is imported late
    """Say the verdict, and the primary model beside its unregularised twin."""
    click.echo(err=True)
    click.echo(click.style(results.verdict.level.capitalize(), bold=True), err=True)
    for sentence in results.verdict.sentences:
        click.echo(printable(sentence), err=True)
    click.echo(err=True)


def printable(text: str) -> str:
    """Return text whose control and direction-changing characters are shown as escapes, and line breaks in names."""
    text = _NAME.sub(lambda name: name[0].replace("\n", "\\n"), text)
    return "".join(char if char == "\n" or char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _bug(fault: Exception) -> str:
    frames = traceback.extract_tb(fault.__traceback__)
    places = [f"  {frame.name} (line {frame.lineno} of {frame.filename.rpartition('/')[2]})" for frame in frames[-6:]]
    return "\n".join(["error: a bug in clinpred; nothing was written", *places, f"  {type(fault).__name__}"])


class _Terminated(KeyboardInterrupt):
    """The system asks the process to end (SIGTERM)."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Terminated
