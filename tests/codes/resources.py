"""What the system refuses: files that are not there, places that are taken, a full disk, a database that is silent."""

import errno
import os
import signal
import sqlite3

import numpy as np
from codes_situations import BASE, Situation, after, csv_of, heard, read_database
from codes_sources import ward

from clinpred import read_export
from clinpred.models.procedure import Refits
from clinpred.study.audited import Asked
from clinpred.study.check import check_export
from clinpred.validation.resampling import run_resamples


def written_on(free):
    """Return a way to write a table on a disk with so many bytes left."""

    def by(place):
        opened = os.fdopen
        place.patch.setattr(os, "fdopen", lambda *asked, **how: _Disk(opened(*asked, **how), free))
        return written(place)

    return by


class _Disk:
    """A file on a disk with so many bytes left."""

    def __init__(self, file, free):
        self._file, self._free = file, free

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self._file.close()

    def write(self, content):
        if len(content) > self._free:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(content)


def written(place):
    path = place.file(csv_of(BASE))
    return heard(lambda: check_export(path, Asked(), table=place.folder / "table.csv").findings)


def taken(place):
    place.file("mine", "table.csv")


def silent(place):
    def refuse(*_arguments, **_options):
        raise sqlite3.OperationalError("unable to open database file")

    ward(place)
    place.patch.setattr(sqlite3, "connect", refuse)


def stays(_place):
    return read_database("sqlite:///ward.db", table="stays")


def named(name):
    def by(place):
        place.file(csv_of(BASE))
        return heard(lambda: read_export(place.folder / name).findings)

    return by


def checked_to(**places):
    """Return a way to write what `check` leaves to these places, what stands there replaced."""

    def by(place):
        path = place.file(csv_of(BASE))
        to = {result: place.folder / name for result, name in places.items()}
        return heard(lambda: check_export(path, Asked(), overwrite=True, **to).findings)

    return by


def piped(place):
    os.mkfifo(place.folder / "pipe.csv")


class _Ends:
    """A procedure whose process is ended, as a system that is short of memory ends it; with one worker it runs."""

    outcome, patients, models = np.array([0.0, 1.0]), np.array([0, 1]), ()

    def __init__(self):
        self.home = os.getpid()

    def refit(self, _counts, *, seed):
        if os.getpid() != self.home:
            os.kill(os.getpid(), signal.SIGKILL)
        return Refits({})


def kept(_counts, _refits):
    return 1


def resampled_by(workers):
    jobs = [(np.ones(2, dtype=int), 0)] * 4
    return lambda _place: heard(lambda: run_resamples(_Ends(), jobs, kept, workers=workers) and [])


FIRES = {
    "E-NOT-FILE": Situation(after(piped, named("pipe.csv")), named("export.csv")),
    "E-NOT-FOUND": Situation(named("exports.csv"), named("export.csv")),
    "E-OUTPUT-IS-INPUT": Situation(checked_to(table="export.csv"), checked_to(table="table.csv")),
    "E-OUTPUT-TWICE": Situation(
        checked_to(table="audit.html", page="audit.html"), checked_to(table="table.csv", page="audit.html")
    ),
    "E-SQL-CONNECT": Situation(after(silent, stays), after(ward, stays)),
    "R-DISK": Situation(written_on(100), written_on(100_000)),
    "R-PATH": Situation(after(taken, written), written),
    "R-WORKER": Situation(resampled_by(2), resampled_by(1)),
}
