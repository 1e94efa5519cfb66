"""The story of ``clinpred run``: from an export to a report, in one direction."""

from dataclasses import dataclass
from pathlib import Path

from threadpoolctl import threadpool_limits

from clinpred.records.read import Source
from clinpred.report.contents import Results
from clinpred.settings.study import Study
from clinpred.study.artefacts import check_place, earlier_openings, whole_or_absent, write_files
from clinpred.study.files import run_files, run_record
from clinpred.study.inputs import files_read
from clinpred.study.judgement import judge
from clinpred.study.learning import Progress, Stopwatch, learn
from clinpred.study.resampling import resample
from clinpred.study.results import results_of

BLAS_THREADS = 1
"""One: these matrices are small, and threads that wait for each other cost more than they give on a busy machine."""


@dataclass(frozen=True)
class Run:
    """A finished run: its results, and the folder where they lie."""

    results: Results
    folder: Path

    @property
    def report_path(self) -> Path:
        """The report's path."""
        return self.folder / "report.html"


def run_study(
    source: Source,
    study: Study,
    *,
    out: Path,
    overwrite: bool = False,
    save_predictions: bool = False,
    progress: Progress = lambda _what, _share: None,
) -> Run:
    """Audit, split, develop, resample, compare, validate, explain and report; leave a whole folder or nothing.

    Parameters
    ----------
    source : Path, sequence of Path, or Database
        The record export.
    study : Study
        The protocol.
    out : Path
        The folder to make.
    overwrite : bool
        Replace the folder of an earlier run.
    save_predictions : bool
        Also keep each held-out patient's risk, in ``private/``.
    progress : function of (what is being done, share done)

    Raises
    ------
    ClinpredError
        Whatever is refused, before anything is written.
    """
    check_place(out, overwrite=overwrite, inputs=files_read(source, study.export))
    timed = Stopwatch(progress)
    with threadpool_limits(BLAS_THREADS):
        learnt = learn(source, study, progress=timed)
        resampled = resample(learnt, progress=timed)
        judged = judge(learnt, progress=timed)
    timed("writing the report", 0.95)
    results = results_of(learnt, judged, resampled)
    files = run_files(learnt, judged, results, save_predictions=save_predictions) | run_record(
        learnt, results, seconds=timed.seconds, openings=1 + earlier_openings(out)
    )
    with whole_or_absent(out, overwrite=overwrite) as folder:
        write_files(folder, files)
    return Run(results, out)
