"""A run's folder: written beside its place and renamed, so that it appears whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from clinpred.errors import ResourceRefused

RUN_RECORD = "run.json"
WHAT_A_RUN_LEAVES = frozenset(
    {
        "report.html",
        "results.json",
        "tables",
        "figures",
        "model.clinpred",
        "models",
        "study.toml",
        RUN_RECORD,
        "private",
    }
)


def check_place(out: Path, *, overwrite: bool) -> None:
    """Refuse a place where a run's folder cannot go, before any work is done.

    Raises
    ------
    ResourceRefused
        R-PATH: the place is taken, or the folder above it does not let us write.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        _check_replaceable(out, overwrite=overwrite)
    above = next(parent for parent in out.absolute().parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise ResourceRefused(
            "R-PATH",
            f"cannot write into the folder `{above.name}`",
            expected="a folder that may be written to",
            to_fix="give another place with --out",
        )


@contextmanager
def whole_or_absent(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Hand over a folder to fill; when all went well it takes the place ``out``, else nothing is left."""
    check_place(out, overwrite=overwrite)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".clinpred-", dir=out.absolute().parent))
    try:
        yield beside
        _take_place(beside, out.absolute())
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by their name within the folder, making the folders that the names need."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def write_whole(path: Path, content: str | bytes, *, overwrite: bool) -> None:
    """Write one file, whole or not at all.

    Raises
    ------
    ResourceRefused
        R-PATH: the file exists and may not be replaced, or its folder does not exist.
    """
    if (path.exists() and not overwrite) or path.is_dir():
        raise _taken(path)
    if not path.absolute().parent.is_dir():
        raise ResourceRefused(
            "R-PATH",
            f"{path.name}: its folder does not exist",
            expected="a folder that exists",
            to_fix="make the folder, or give another place",
        )
    descriptor, beside = tempfile.mkstemp(prefix=".clinpred-", dir=path.absolute().parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _check_replaceable(out: Path, *, overwrite: bool) -> None:
    if not overwrite or not out.is_dir():
        raise _taken(out)
    left = {entry.name for entry in out.iterdir()}
    if RUN_RECORD not in left or not left <= WHAT_A_RUN_LEAVES:
        raise ResourceRefused(
            "R-PATH",
            f"the folder `{out.name}` holds files that no run of clinpred made",
            expected="a folder that holds one run and nothing else",
            to_fix="give another place with --out",
        )


def _taken(path: Path) -> ResourceRefused:
    what = "folder" if path.is_dir() else "file"
    return ResourceRefused(
        "R-PATH",
        f"the {what} `{path.name}` exists already",
        expected="a place that is free",
        to_fix="give another place with --out, or replace what an earlier run left with --overwrite",
    )


def _take_place(beside: Path, out: Path) -> None:
    beside.chmod(0o777 & ~_umask())
    if not out.exists():
        beside.rename(out)
        return
    earlier = Path(tempfile.mkdtemp(prefix=".clinpred-", dir=out.parent))
    out.rename(earlier / "run")
    beside.rename(out)
    shutil.rmtree(earlier)


def _umask() -> int:
    """Return the process's umask: the system tells it only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
