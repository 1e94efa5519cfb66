"""Which kind of workbook the bytes are; another kind of file under a workbook's name is refused with what it is."""

import io
import re
import zipfile
import zlib
from typing import Literal

from clinpred.errors import InputRefused

Kind = Literal["xlsx", "xlsb", "xls", "ods"]

_ZIP = b"PK"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = {".xlsx": "xlsx", ".xls": "xls", ".xlsb": "xlsb", ".ods": "ods"}
_STARTS = {
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
    b"SQLite format 3": "an SQLite database",
    b"\x1f\x8b": "a file compressed with gzip",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x89PNG": "a picture",
    b"\x09\x00\x04\x00": "a workbook of Excel 2",
    b"\x09\x02\x06\x00": "a workbook of Excel 3",
    b"\x09\x04\x06\x00": "a workbook of Excel 4",
    b"\x09\x08": "a workbook of Excel 5 without its wrapper",
}
_WEB_PAGE = re.compile(r"<(!doctype html|html|head|body|table|meta|style)\b", re.IGNORECASE)
_XML_WORKBOOK = "urn:schemas-microsoft-com:office:spreadsheet"
_JSON = re.compile(r'(\[\s*[\[{"]|\{\s*("|\}))')
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))


def workbook_kind(content: bytes, name: str) -> Kind:
    """Return the kind of workbook that the bytes are, which is the one that the name says.

    Raises
    ------
    InputRefused
        E-FORMAT: they are another kind of file, or encrypted. E-TRUNCATED: a damaged archive.
    """
    said = "." + name.lower().rpartition(".")[2]
    if said == ".xlsm":
        raise macros(name)
    kind = _kind_in_archive(content, name) if content.startswith(_ZIP) else _kind_alone(content, name)
    if said in _KINDS and kind != _KINDS[said]:
        to_fix = f"give the file the ending .{kind}, and read that"
        raise _another(f"{name}: this is a workbook of the kind .{kind}, not {said}", to_fix)
    return kind


def macros(file: str) -> InputRefused:
    """Return the refusal of a workbook with macros."""
    return InputRefused(
        "E-FORMAT",
        f"{file}: this is a workbook that can hold macros, which are never read",
        expected="a workbook without macros (.xlsx)",
        to_fix="save it as .xlsx, and read that",
    )


def encrypted(file: str) -> InputRefused:
    """Return the refusal of a workbook that a password protects."""
    return InputRefused(
        "E-FORMAT",
        f"{file}: the workbook is encrypted",
        expected="a workbook that opens without a password",
        to_fix="open it in a spreadsheet program, and save it without a password",
    )


def _kind_in_archive(content: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            paths = {path.replace("\\", "/").lstrip("/").lower() for path in archive.namelist()}
            mimetype = _start_of_part(archive, "mimetype")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise damaged(name) from None
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if "xl/workbook.bin" in paths:
        return "xlsb"
    if "[content_types].xml" in paths and any(path.startswith("xl/") for path in paths):
        return "xlsx"
    what = "another office document" if "[content_types].xml" in paths or mimetype else "a zip archive"
    raise _another(
        f"{name}: this is {what}, not a workbook", "export as .xlsx or CSV; of an archive, take the file out"
    )


def _start_of_part(archive: zipfile.ZipFile, path: str) -> bytes:
    if path not in archive.namelist():
        return b""
    with archive.open(path) as stream:
        return stream.read(100)


def damaged(file: str) -> InputRefused:
    """Return the refusal of an archive that does not open."""
    return InputRefused(
        "E-TRUNCATED",
        f"{file}: the workbook is damaged or cut short",
        expected="a whole file",
        to_fix="copy or export the file again",
    )


def _kind_alone(content: bytes, name: str) -> Kind:
    if content.startswith(_COMPOUND):
        if _ENCRYPTED in content:
            raise encrypted(name)
        if any(stream in content for stream in _WORKBOOK_STREAMS):
            return "xls"
        raise _another(f"{name}: this is another document of an office program", "export as .xlsx or CSV")
    for start, what in _STARTS.items():
        if content.startswith(start):
            raise _another(f"{name}: this is {what}, not a workbook", "export as .xlsx or CSV")
    raise _text_file(content, name)


def _text_file(content: bytes, name: str) -> InputRefused:
    start = _start_of_text(content)
    if start is None:
        return _another(f"{name}: this is no workbook of a known kind", "export as .xlsx or CSV")
    if _XML_WORKBOOK in start:
        to_fix = "open it in a spreadsheet program, save it as .xlsx, and read that"
        return _another(f"{name}: this is an XML table of Excel 2003, under the name of a workbook", to_fix)
    if _WEB_PAGE.search(start):
        to_fix = "export as CSV; or open it in a spreadsheet program, save it as .xlsx, and read that"
        return _another(f"{name}: this is a web page (HTML) under the name of a workbook", to_fix)
    if start.lstrip().startswith("<"):
        return _another(f"{name}: this is XML under the name of a workbook", "export as .xlsx or CSV")
    if _JSON.match(start.lstrip()):
        return _another(f"{name}: this is JSON under the name of a workbook", "export as .xlsx or CSV")
    what, ending = ("a text file with tabs", ".tsv") if "\t" in start else ("a text file (CSV)", ".csv")
    return _another(f"{name}: this is {what}, not a workbook", f"give the file the ending {ending}, and read that")


def _start_of_text(content: bytes) -> str | None:
    """Return the first characters of a text file, None where the bytes are no text."""
    start = content[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start[: len(start) // 2 * 2].decode("utf-16", "replace")
    if start.count(0) > len(start) // 4:
        return start.replace(b"\0", b"").decode("latin-1")
    n_control = sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in start)
    return start.decode("latin-1").removeprefix("\u00ef\u00bb\u00bf") if 20 * n_control < len(start) else None


def _another(found: str, to_fix: str) -> InputRefused:
    return InputRefused("E-FORMAT", found, expected="a workbook: .xlsx, .xls, .xlsb or .ods", to_fix=to_fix)
