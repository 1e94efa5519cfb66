"""A run's folder: written beside its place and renamed, so that it appears whole or not at all."""

import errno
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from clinpred.errors import ResourceRefused, WrongUsage

RUN_RECORD = "run.json"
STUDY = "study.toml"
PRIVATE = "private"
WHAT_A_RUN_LEAVES = frozenset(
    {
        "report.html",
        "results.json",
        "tables",
        "figures",
        "model.clinpred",
        "models",
        STUDY,
        RUN_RECORD,
        PRIVATE,
    }
)


def check_place(out: Path, *, overwrite: bool, inputs: Collection[Path] = ()) -> None:
    """Refuse a place where a run's folder cannot go, before any work is done.

    Parameters
    ----------
    out : Path
        The place.
    overwrite : bool
        Whether an earlier run's folder may be replaced.
    inputs : collection of Path
        The files that the run reads: none may lie in the folder. The study file that an earlier run left there may, for
        the run leaves what it says in the same place.

    Raises
    ------
    ResourceRefused
        R-PATH: the place is taken, or the folder above it does not let us write.
    WrongUsage
        E-OUTPUT-IS-INPUT: a file that is read lies in the folder. E-NOT-FILE: the place is a link that leads to itself.
    """
    with _in_house_words(out):
        _refuse_endless_link(out)
        place = out.resolve()
        inside = [each for each in inputs if each.exists() and each.resolve().is_relative_to(place)]
        if any(each.resolve() != place / STUDY for each in inside):
            raise _is_read(f"the folder `{place.name}` holds a file that this command reads")
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


def check_free(path: Path, *, overwrite: bool, inputs: Collection[Path] = ()) -> None:
    """Refuse a place where a file cannot go, before any work is done.

    Parameters
    ----------
    path : Path
        The place.
    overwrite : bool
        Whether a file that stands there may be replaced.
    inputs : collection of Path
        The files that the command reads: none of them is ever replaced.

    Raises
    ------
    ResourceRefused
        R-PATH: the file exists and may not be replaced, or its folder does not exist.
    WrongUsage
        E-OUTPUT-IS-INPUT: it is one of the inputs, whatever name or link leads to it. E-NOT-FILE: it is a device, a
        pipe, or a link that leads to itself.
    """
    with _in_house_words(path):
        _refuse_endless_link(path)
        place = path.resolve()
        if place.exists() and any(each.exists() and each.samefile(place) for each in inputs):
            raise _is_read(f"`{path.name}` is a file that this command reads")
        if place.exists() and not place.is_file() and not place.is_dir():
            raise _no_file(f"`{path.name}` is a device or a pipe, not a file")
        if (place.exists() and not overwrite) or place.is_dir():
            raise _taken(place)
        if not place.parent.is_dir():
            raise _refused(f"{place.name}: its folder does not exist", expected="a folder that exists")


def check_all_free(paths: Collection[Path], *, overwrite: bool, inputs: Collection[Path] = ()) -> None:
    """Refuse the places of several files, before any of them is written; see ``check_free``.

    Raises
    ------
    WrongUsage
        E-OUTPUT-TWICE: two of the places are one.
    """
    for path in paths:
        check_free(path, overwrite=overwrite, inputs=inputs)
    if len({_identity(path) for path in paths}) < len(paths):
        raise WrongUsage(
            "E-OUTPUT-TWICE",
            f"two results are to be written to one place, `{next(iter(paths)).name}`",
            expected="a place of its own for each",
            to_fix="give them different names",
        )


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


def _identity(path: Path) -> object:
    """Return what two names of one file share, whether the file exists or not."""
    place = path.resolve()
    return (place.stat().st_dev, place.stat().st_ino) if place.exists() else place


def _refuse_endless_link(path: Path) -> None:
    try:
        path.stat()
    except OSError as fault:
        if fault.errno == errno.ELOOP:
            raise _no_file(f"`{path.name}` is a link that leads to itself") from None


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


def _is_read(found: str) -> WrongUsage:
    return WrongUsage(
        "E-OUTPUT-IS-INPUT",
        found,
        expected="a place that holds nothing of what is read",
        to_fix="give another place; what is read is never replaced",
    )


def _no_file(found: str) -> WrongUsage:
    return WrongUsage("E-NOT-FILE", found, expected="a place for a file", to_fix="give another place")


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
