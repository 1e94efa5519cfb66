"""A run's folder: written beside its place and renamed, so that it appears whole or not at all."""

import errno
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from clinpred.errors import ResourceRefused

RUN_RECORD = "run.json"
PRIVATE = "private"
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
        PRIVATE,
    }
)


def check_place(out: Path, *, overwrite: bool) -> None:
    """Refuse a place where a run's folder cannot go, before any work is done.

    Raises
    ------
    ResourceRefused
        R-PATH: the place is taken, or the folder above it does not let us write.
    """
    with _in_house_words(out):
        place = out.resolve()
        if place in (Path.cwd(), *Path.cwd().parents):
            raise _refused(f"the folder `{place.name}` is the one you are in, or above it")
        if place.exists() and not (place.is_dir() and not any(place.iterdir())):
            _check_replaceable(place, overwrite=overwrite)
        above = next(parent for parent in place.parents if parent.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            raise _refused(f"cannot write into `{above.name}`", expected="a folder that may be written to")


@contextmanager
def whole_or_absent(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Hand over a folder to fill; when all went well it takes the place ``out``, else nothing is left.

    Raises
    ------
    ResourceRefused
        R-PATH, as for ``check_place`` or because the system refuses to write; R-DISK: the disk is full.
    """
    check_place(out, overwrite=overwrite)
    place = out.resolve()
    missing = [parent for parent in place.parents if not parent.exists()]
    with _in_house_words(out), _removed_on_failure(missing):
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".clinpred-", dir=place.parent))
        try:
            yield beside
            _take_place(beside, place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def earlier_openings(out: Path) -> int:
    """Return how often earlier runs into this place opened the held-out patients, by the record they left."""
    try:
        record = json.loads((out / RUN_RECORD).read_text(encoding="utf-8"))
        return int(record["held_out_openings"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by their name within the folder, making the folders that the names need.

    What goes to ``private/`` is for the owner's eyes: the folder has mode 0700, its files 0600.
    """
    for name, content in files.items():
        path = folder / name
        is_private = path.parent == folder / PRIVATE
        path.parent.mkdir(mode=0o700 if is_private else 0o777, parents=True, exist_ok=True)
        path.touch(mode=0o600 if is_private else 0o666)
        path.write_bytes(_bytes(content))


def check_free(path: Path, *, overwrite: bool) -> None:
    """Refuse a place where a file cannot go, before any work is done.

    Raises
    ------
    ResourceRefused
        R-PATH: the file exists and may not be replaced, or its folder does not exist.
    """
    place = path.resolve()
    if (place.exists() and not overwrite) or place.is_dir():
        raise _taken(place)
    if not place.parent.is_dir():
        raise _refused(f"{place.name}: its folder does not exist", expected="a folder that exists")


def write_whole(path: Path, content: str | bytes, *, overwrite: bool) -> None:
    """Write one file, whole or not at all: a new one for the owner's eyes (0600), one replaced with the mode it had.

    Raises
    ------
    ResourceRefused
        R-PATH: the file exists and may not be replaced, its folder does not exist, or the system refuses to write;
        R-DISK: the disk is full.
    """
    with _in_house_words(path):
        check_free(path, overwrite=overwrite)
        place = path.resolve()
        descriptor, beside = tempfile.mkstemp(prefix=".clinpred-", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_bytes(content))
            if place.exists():
                Path(beside).chmod(stat.S_IMODE(place.stat().st_mode))
            Path(beside).replace(place)
        finally:
            Path(beside).unlink(missing_ok=True)


@contextmanager
def _in_house_words(path: Path) -> Iterator[None]:
    """Turn what the system says of a path into a refusal that names no folder but the last."""
    try:
        yield
    except ResourceRefused:
        raise
    except OSError as fault:
        is_full = fault.errno in {errno.ENOSPC, errno.EDQUOT}
        raise ResourceRefused(
            "R-DISK" if is_full else "R-PATH",
            f"cannot write `{path.name}` ({fault.strerror or fault})",
            expected="a place that may be written to, with room for the files",
            to_fix="make room on the disk, or give another place" if is_full else "give another place",
        ) from fault


@contextmanager
def _removed_on_failure(folders: list[Path]) -> Iterator[None]:
    """Remove folders that are empty if what follows fails."""
    try:
        yield
    except BaseException:
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
        raise


def _check_replaceable(out: Path, *, overwrite: bool) -> None:
    if not overwrite or not out.is_dir():
        raise _taken(out)
    left = {entry.name for entry in out.iterdir()}
    if RUN_RECORD not in left or not left <= WHAT_A_RUN_LEAVES:
        raise _refused(
            f"the folder `{out.name}` holds files that no run of clinpred made",
            expected="a folder that holds one run and nothing else",
        )


def _taken(path: Path) -> ResourceRefused:
    what = "folder" if path.is_dir() else "file"
    return ResourceRefused(
        "R-PATH",
        f"the {what} `{path.name}` exists already",
        expected="a place that is free",
        to_fix="give another place, or replace what an earlier run left with --overwrite",
    )


def _refused(found: str, expected: str = "a place that is free") -> ResourceRefused:
    return ResourceRefused("R-PATH", found, expected=expected, to_fix="give another place")


def _take_place(beside: Path, out: Path) -> None:
    beside.chmod(0o777 & ~_umask())
    if not out.exists():
        beside.rename(out)
        return
    earlier = Path(tempfile.mkdtemp(prefix=".clinpred-", dir=out.parent))
    out.rename(earlier / "run")
    try:
        beside.rename(out)
    except OSError:
        (earlier / "run").rename(out)
        raise
    finally:
        shutil.rmtree(earlier)


def _umask() -> int:
    """Return the process's umask: the system tells it only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
