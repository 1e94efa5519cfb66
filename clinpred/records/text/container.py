"""What the bytes of an export are wrapped in: nothing, gzip or zip. A wrapper is opened, never trusted."""

import io
import zipfile
import zlib
from dataclasses import dataclass

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.findings import Finding

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_OTHER_KINDS = {
    b"PK\x05\x06": "an empty zip archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or an encrypted one",
    b"{\\rtf": "a text document (RTF)",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstandard file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x89PNG": "a picture",
    b"HEADER RECORD***": "a SAS transport file",
    b"$FL2": "an SPSS file",
}
_LARGEST = 256 * 2**20
_LARGEST_RATIO = 100
_PIECE = 2**20
_GZIP_FORMAT = 31  # zlib's window bits for a gzip header and its checksum


@dataclass(frozen=True)
class Opened:
    """The bytes of the text itself, and what was noticed on the way to them."""

    content: bytes
    findings: tuple[Finding, ...] = ()


def open_container(content: bytes, name: str, *, member: str | None = None) -> Opened:
    """Return the bytes of the export inside its wrapper.

    Raises
    ------
    InputRefused
        E-TRUNCATED: the compressed stream ends early. E-ZIP-MEMBERS: several files, and none chosen. E-FORMAT: another
        kind of file, or a damaged wrapper.
    ResourceRefused
        R-BOMB: more than 256 MiB and more than 100 times the file's size when expanded.
    """
    if content.startswith(_GZIP):
        opened = Opened(_gunzipped(content, name), _named_as_text(name))
    elif content.startswith(_ZIP):
        opened = Opened(_unzipped(content, name, member))
    else:
        opened = Opened(content)
    _refuse_other_kinds(opened.content, name)
    return opened


def is_wrapped(start: bytes) -> bool:
    """Whether a file that starts with these bytes is packed, or no text export at all."""
    return start.startswith((_GZIP, _ZIP, *_OTHER_KINDS))


def _named_as_text(name: str) -> tuple[Finding, ...]:
    if name.lower().endswith(".gz"):
        return ()
    text = "the file is compressed (gzip) though its name does not say so"
    return (Finding("W-GZIP", "note", text, "no action is needed", 1),)


def _gunzipped(content: bytes, name: str) -> bytes:
    pieces: list[bytes] = []
    size, rest = 0, content
    while rest.rstrip(b"\0"):
        stream = zlib.decompressobj(_GZIP_FORMAT)
        while rest and not stream.eof:
            piece = _next_piece(stream, rest, name)
            rest = stream.unconsumed_tail
            size += len(piece)
            _refuse_bomb(size, len(content), name)
            pieces.append(piece)
        if not stream.eof:
            raise _cut_short(b"".join(pieces), name)
        rest = stream.unused_data
    return b"".join(pieces)


def _next_piece(stream: "zlib._Decompress", rest: bytes, name: str) -> bytes:
    try:
        return stream.decompress(rest, _PIECE)
    except zlib.error:
        raise _damaged(f"{name}: the compressed bytes (gzip) are damaged") from None


def _unzipped(content: bytes, name: str, member: str | None) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = _chosen(archive, name, member)
            _refuse_bomb(entry.file_size, len(content), name)
            if entry.flag_bits & 1:
                raise _damaged(f"{name}: the zip archive is encrypted")
            with archive.open(entry) as stream:
                # A directory that understates the size is found out: one byte more than it promises is asked for.
                expanded = stream.read(entry.file_size + 1)
    except zipfile.BadZipFile:
        raise _damaged(f"{name}: the zip archive is damaged or cut short", code="E-TRUNCATED") from None
    except (EOFError, zlib.error, NotImplementedError, OSError) as fault:
        if isinstance(fault, ResourceRefused):
            raise
        raise _damaged(f"{name}: the zip archive is damaged, or compressed in an unknown way") from None
    if len(expanded) > entry.file_size:
        raise _damaged(f"{name}: the zip archive holds more than its directory says")
    return expanded


def _chosen(archive: zipfile.ZipFile, name: str, member: str | None) -> zipfile.ZipInfo:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_by_product(entry.filename)]
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise _not_text("an Excel workbook or another office document", name)
    if member is not None:
        entries = [entry for entry in entries if entry.filename == member]
    if len(entries) != 1:
        found = f"no file called {member}" if member is not None else f"{len(entries)} files"
        raise InputRefused(
            "E-ZIP-MEMBERS",
            f"{name}: the zip archive holds {found}",
            expected="one export",
            to_fix="name the file inside the archive that is meant with --member",
        )
    return entries[0]


def _is_by_product(member: str) -> bool:
    return member.startswith("__MACOSX/") or member.rsplit("/", 1)[-1] == ".DS_Store"


def _refuse_bomb(size: int, compressed: int, name: str) -> None:
    if size > _LARGEST and size > _LARGEST_RATIO * compressed:
        raise ResourceRefused(
            "R-BOMB",
            f"{name}: expands to more than 256 MiB and more than {_LARGEST_RATIO} times its size",
            expected="a compressed table, which expands to less than that",
            to_fix="check where the file comes from; expand it yourself if it is what it should be",
        )


def _refuse_other_kinds(content: bytes, name: str) -> None:
    for start, kind in {**_OTHER_KINDS, _GZIP: "a file compressed twice", _ZIP: "an archive in an archive"}.items():
        if content.startswith(start):
            raise _not_text(kind, name)


def _not_text(kind: str, name: str) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: this is {kind}, not a text export",
        expected="a table as text (CSV), or as Parquet with a name that ends in .parquet",
        to_fix="export again as CSV, or give the file the ending of its kind",
    )


def _cut_short(expanded: bytes, name: str) -> InputRefused:
    rows = max(0, expanded.count(b"\n") - 1)
    return InputRefused(
        "E-TRUNCATED",
        f"{name}: ends inside the compressed stream after {rows} rows",
        expected="a whole file",
        to_fix="copy or export the file again",
    )


def _damaged(found: str, *, code: str = "E-FORMAT") -> InputRefused:
    return InputRefused(code, found, expected="a whole, readable file", to_fix="copy or export the file again")
