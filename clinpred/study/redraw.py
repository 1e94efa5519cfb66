"""Drawing a report again from ``results.json``."""

import json
from pathlib import Path

from pydantic import ValidationError

from clinpred.errors import InputRefused
from clinpred.report.contents import Results
from clinpred.report.figures import draw_figures
from clinpred.report.render import render_report
from clinpred.study.artefacts import write_whole


def redraw_report(run_folder: Path) -> Path:
    """Draw ``report.html`` of a run's folder again; return its path."""
    results = load_results(run_folder / "results.json")
    path = run_folder / "report.html"
    write_whole(path, render_report(results, draw_figures(results)), overwrite=True)
    return path


def load_results(path: Path) -> Results:
    """Read and check ``results.json``.

    Raises
    ------
    InputRefused
        It is missing (E-NOT-FOUND) or not what its schema asks for (E-RESULTS).
    """
    try:
        return Results.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise InputRefused(
            "E-NOT-FOUND",
            f"`{path.absolute().parent.name}` holds no results.json",
            expected="the folder of a run",
            to_fix="check the path, or run `clinpred run` first",
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError, ValidationError) as fault:
        faults = len(fault.errors()) if isinstance(fault, ValidationError) else 1
        raise InputRefused(
            "E-RESULTS",
            f"{path.name} is not what a run wrote: {faults} fault{'s' if faults > 1 else ''}",
            expected="a results.json of this version of clinpred, unchanged",
            to_fix="run the study again",
        ) from None
