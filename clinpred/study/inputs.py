"""The files that a command reads, over which it must not write."""

from pathlib import Path

from clinpred.records.read import Source
from clinpred.settings.export import Database, Reading

_BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")


def files_read(source: Source, reading: Reading, *others: Path) -> tuple[Path, ...]:
    """Return every file that is read: the exports or the file of a SQLite database, the data dictionary, and others.

    Examples
    --------
    >>> [str(path) for path in files_read(Path("a.csv"), Reading(dictionary="fields.csv"), Path("study.toml"))]
    ['a.csv', 'fields.csv', 'study.toml']
    """
    dictionary = () if reading.dictionary is None else (Path(reading.dictionary),)
    return (*_exports(source), *dictionary, *others)


def _exports(source: Source) -> tuple[Path, ...]:
    if isinstance(source, Database):
        return _sqlite_files(source.url)
    if isinstance(source, str | Path):
        return (Path(source),)
    return tuple(Path(path) for path in source)


def _sqlite_files(url: str) -> tuple[Path, ...]:
    kind, _, path = url.partition(":///")
    if not path or not kind.startswith("sqlite"):
        return ()
    return tuple(Path(path.partition("?")[0] + ending) for ending in _BESIDE_SQLITE)
