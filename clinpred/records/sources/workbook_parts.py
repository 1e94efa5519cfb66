"""The parts of a packed workbook: never expanded beyond reason, never with a document type, streamed to a parser."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from xml.parsers import expat

from clinpred.errors import InputRefused, ResourceRefused

_LARGEST = 64 * 2**20
_LARGEST_RATIO = 100
_PIECE = 2**18
_XML_ENDINGS = (".xml", ".rels", ".vml")

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


class _Stop(Exception):
    """The reader has seen enough of a part."""


class Parts:
    """The parts of a workbook that is a zip archive, by path; letter case and the kind of slash do not count."""

    def __init__(self, content: bytes, file: str) -> None:
        self.file = file
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise self._cut_short() from None
        entries = [entry for entry in self._archive.infolist() if not entry.is_dir()]
        self._refuse_bomb(sum(entry.file_size for entry in entries), len(content))
        self._entries = {_path(entry.filename): entry for entry in entries}
        if len(self._entries) < len(entries):
            raise self.damaged("holds two parts of the same name")
        if any(entry.flag_bits & 1 for entry in entries):
            raise self.damaged("is an encrypted zip archive")

    def __contains__(self, path: str) -> bool:
        return _path(path) in self._entries

    def paths(self) -> list[str]:
        """Return the paths of the parts, in lower case."""
        return list(self._entries)

    def read(self, path: str) -> bytes:
        """Return a part's bytes."""
        return b"".join(self._pieces(path))

    def refuse_document_types(self) -> None:
        """Refuse any part with a document type declaration, before any part is parsed.

        Raises
        ------
        InputRefused
            E-XLSX-ENTITY.
        """
        for path in self._entries:
            if path.endswith(_XML_ENDINGS):
                self._refuse_document_type(path)

    def parse(self, path: str, start: Start, *, end: End | None = None, text: Text | None = None) -> None:
        """Parse a part as a stream; a handler that calls ``enough`` ends it early.

        Raises
        ------
        InputRefused
            E-FORMAT: the part is missing or no XML. E-XLSX-ENTITY: it declares a document type.
        """
        parser = self._parser(path)
        parser.StartElementHandler = start
        if end is not None:
            parser.EndElementHandler = end
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            for piece in self._pieces(path):
                parser.Parse(piece, False)  # noqa: FBT003
            parser.Parse(b"", True)  # noqa: FBT003
        except _Stop:
            return
        except InputRefused:
            raise
        except (expat.ExpatError, LookupError, ValueError):
            raise self.damaged(f"has a part that is no XML ({path})") from None

    def damaged(self, what: str) -> InputRefused:
        """Return the refusal of a workbook whose parts do not fit together."""
        return InputRefused(
            "E-FORMAT",
            f"{self.file}: the workbook {what}",
            expected="a workbook as a spreadsheet program saves it",
            to_fix="open it in a spreadsheet program, save it as .xlsx, and read that",
        )

    def _parser(self, path: str) -> Any:  # noqa: ANN401
        def refuse(*_declaration: object) -> None:
            raise InputRefused(
                "E-XLSX-ENTITY",
                f"{self.file}: a part of the workbook ({path}) declares a document type",
                expected="a workbook as a spreadsheet program saves it: none of them declares one",
                to_fix="do not trust the file; where its source is known, save it again as .xlsx from there",
            )

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 2**16
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        return parser

    def _refuse_document_type(self, path: str) -> None:
        parser = self._parser(path)
        parser.StartElementHandler = enough
        try:
            for piece in self._pieces(path):
                parser.Parse(piece, False)  # noqa: FBT003
        except InputRefused:
            raise
        except (_Stop, expat.ExpatError, LookupError, ValueError):
            return  # what is no XML is refused where it is read

    def _pieces(self, path: str) -> Iterator[bytes]:
        entry = self._entries.get(_path(path))
        if entry is None:
            raise self.damaged(f"lacks a part that it names ({path})")
        with self._reported(), self._archive.open(entry) as stream:
            while piece := stream.read(_PIECE):
                yield piece

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, zipfile.BadZipFile, zlib.error):
            raise self._cut_short() from None
        except (NotImplementedError, RuntimeError, OSError):
            raise self.damaged("is compressed in an unknown way") from None

    def _refuse_bomb(self, size: int, packed: int) -> None:
        if size > _LARGEST and size > _LARGEST_RATIO * packed:
            raise ResourceRefused(
                "R-BOMB",
                f"{self.file}: expands to more than 64 MiB and more than {_LARGEST_RATIO} times its size",
                expected="a workbook, which expands to less than that",
                to_fix="check where the file comes from; delete blank cells that were given a format, and save again",
            )

    def _cut_short(self) -> InputRefused:
        return InputRefused(
            "E-TRUNCATED",
            f"{self.file}: the workbook is damaged or cut short",
            expected="a whole file",
            to_fix="copy or export the file again",
        )


def enough(*_seen: object) -> None:
    """End the parse of a part, from inside a handler."""
    raise _Stop


def _path(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
