"""The commands. What each does is told in ``clinpred.study``; here are only words, options and exit codes."""

from pathlib import Path
from typing import Any

import click

import clinpred
from clinpred.cli.options import (
    asked_check,
    asked_of_records,
    asked_reading,
    asked_source,
    asked_study,
    check_options,
    init_options,
    reading_options,
    run_options,
    source_name,
)
from clinpred.cli.sections import SectionCommand
from clinpred.cli.size import size
from clinpred.cli.terminal import HouseGroup, printable, progress_bar, say_findings, say_verdict

EXPORTS = click.argument("exports", metavar="[EXPORT]...", nargs=-1, type=click.Path(path_type=Path))


@click.group(cls=HouseGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(clinpred.__version__, prog_name="clinpred")
def main() -> None:
    """Answer whether a clinical prediction model holds on new patients.

    \b
    Example:
      clinpred demo
      clinpred run export.csv --outcome died --patient-id mrn --threshold 0.2
    """


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("clinpred-demo"),
    show_default=True,
    help="The run's folder.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of everything random; the study's own by default.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def demo(out: Path, seed: int | None, quiet: bool) -> None:
    """Run the whole job on the sample data: 9,105 patients of SUPPORT.

    Replaces a folder only if an earlier run made it.

    \b
    Example:
      clinpred demo
    """
    from clinpred.study.demo import sample_study
    from clinpred.study.run import run_study

    export, study = sample_study(seed)
    with progress_bar(quiet=quiet) as progress:
        run = run_study(export, study, out=out, overwrite=True, progress=progress)
    _tell(run, quiet=quiet)


@main.command(cls=SectionCommand)
@EXPORTS
@run_options
def run(exports: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401  # click hands over what options.py declares
    """Audit, split, develop, compare, validate, explain and report.

    Several EXPORTs of the same columns are one export, their rows one after the other.

    \b
    Example:
      clinpred run export.csv --study study.toml
      clinpred run export.csv --outcome died --patient-id mrn --set-aside discharge_code
    """
    from clinpred.study.artefacts import check_place
    from clinpred.study.run import run_study

    source, study = asked_source(exports, options), asked_study(exports, options)
    out = options["out"] or Path("reports") / study.name
    if options["study"] is not None:
        check_place(out, overwrite=options["overwrite"], inputs=[options["study"]])
    with progress_bar(quiet=options["quiet"]) as progress:
        finished = run_study(
            source,
            study,
            out=out,
            overwrite=options["overwrite"],
            save_predictions=options["save_predictions"],
            progress=progress,
        )
    _tell(finished, quiet=options["quiet"])


@main.command(cls=SectionCommand)
@EXPORTS
@init_options
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("study.toml"), show_default=True, help="The file to write."
)
@click.option("--overwrite", is_flag=True, help="Replace the file that --out names.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def init(exports: tuple[Path, ...], out: Path, overwrite: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Propose a study file for EXPORT, each line with its evidence, to read before use.

    \b
    Example:
      clinpred init export.csv
      clinpred run export.csv --study study.toml
    """
    from clinpred.study.init import write_proposal

    asked = {"name": source_name(exports, options), **asked_of_records(options)}
    lines = write_proposal(asked_source(exports, options), asked, out=out, overwrite=overwrite)
    if not quiet:
        for line in lines:
            click.echo(printable(line), err=True)
    click.echo(out)


@main.command(cls=SectionCommand)
@EXPORTS
@check_options
@click.option(
    "--table",
    metavar="FILE",
    help="Write the table as it was read, as CSV (with --sql and no --query: the table to read).",
)
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write the audit as a page.")
@click.option("--overwrite", is_flag=True, help="Replace the files that --table and --html name.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def check(exports: tuple[Path, ...], page: Path | None, overwrite: bool, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Read and audit EXPORT; train nothing.

    \b
    Example:
      clinpred check export.csv --table as_read.csv
      clinpred check export.csv --outcome died --patient-id mrn --html audit.html
    """
    from clinpred.settings.counts import counted
    from clinpred.study.check import check_export

    table = None
    if options["sql"] is None or options["query"] is not None:
        table, options["table"] = options["table"], None
    source, asked = asked_source(exports, options), asked_check(exports, options)
    table = Path(table) if table is not None else None
    beside = [options["study"]] if options["study"] is not None else []
    checked = check_export(source, asked, table=table, page=page, overwrite=overwrite, beside=beside)
    if not quiet:
        say_findings(list(checked.findings), every=True)
        click.echo(f"{counted(checked.rows, 'row')}, {counted(checked.columns, 'column')}", err=True)
        for part in checked.row_flow.excluded if checked.row_flow else ():
            click.echo(f"{counted(part.rows, 'row')} excluded: {part.reason}", err=True)


@main.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what the CODE of a finding or an error means and what to do; without CODE, list all.

    \b
    Example:
      clinpred explain W-SENTINEL
    """
    from clinpred.codes import explained, listed

    click.echo(listed() if code is None else explained(code))


@main.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def report(run_folder: Path, quiet: bool) -> None:
    """Draw the report of RUN (a run's folder) again from its results.json.

    \b
    Example:
      clinpred report reports/support2
    """
    from clinpred.study.redraw import redraw_report

    path = redraw_report(run_folder)
    if not quiet:
        click.echo(path)


@main.command(cls=SectionCommand)
@click.argument("model", type=click.Path(path_type=Path))
@EXPORTS
@reading_options
@click.option("--out", type=click.Path(path_type=Path), help="Write the CSV here instead of to stdout.")
@click.option(
    "--explain",
    "explained",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Also write what each predictor adds to each row's log odds, to NOT_FOR_RELEASE_explanations.csv in FOLDER.",
)
@click.option("--overwrite", is_flag=True, help="Replace the files that --out and --explain name.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def predict(
    model: Path,
    exports: tuple[Path, ...],
    out: Path | None,
    explained: Path | None,
    overwrite: bool,
    quiet: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Predict the risk of every row of EXPORT with a saved MODEL, as CSV.

    Columns: the patient id (or the row number), risk, reason. A row without a risk has a reason. EXPORT is read as
    the development export was, unless an option says otherwise.

    With --explain: an average patient's log odds and what each predictor adds sum to the row's. This describes the
    model, not a cause; predictors that go together share it.

    \b
    Example:
      clinpred predict reports/support2/model.clinpred new_patients.csv --out risks.csv
    """
    from clinpred.settings.export import Reading
    from clinpred.settings.study import settings_from
    from clinpred.study.prediction import predict_export

    reading = settings_from(Reading, asked_reading(options), source="command line")
    prediction = predict_export(
        model, asked_source(exports, options), reading, out=out, explained=explained, overwrite=overwrite
    )
    if out is None:
        click.echo(prediction.csv, nl=False)
    if not quiet:
        say_findings(list(prediction.findings))
        click.echo(prediction.sentence, err=True)


main.add_command(size)


def _tell(finished: Any, *, quiet: bool) -> None:  # noqa: ANN401  # a Run, whose module is imported late
    if not quiet:
        say_findings(finished.results.findings)
        say_verdict(finished.results)
    click.echo(finished.report_path)
