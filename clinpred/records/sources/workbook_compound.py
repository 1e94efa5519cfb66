"""The streams inside a compound document, the container of old workbooks."""

from struct import error, unpack_from

from clinpred.records.sources.workbook_kinds import damaged

_END = 0xFFFFFFFA  # this and greater ones are no sectors
_ENTRY = 128


def stream(content: bytes, names: tuple[str, ...], file: str) -> bytes:
    """Return the first of the named streams that a compound document has; letter case does not count.

    Raises
    ------
    InputRefused
        E-TRUNCATED: the document is damaged.
    """
    try:
        document = _Document(content)
        found = next((raw for name in names if (raw := document.stream(name.lower())) is not None), None)
    except (error, IndexError, ValueError):
        raise damaged(file) from None
    if found is None:
        raise damaged(file)
    return found


class _Document:
    """Sectors, the chains that they form, and the directory of streams."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        shift, small_shift = unpack_from("<HH", content, 30)
        if shift not in {9, 12} or small_shift != 6:
            raise ValueError
        self._size, self._small_size = 1 << shift, 1 << small_shift
        self._cutoff = unpack_from("<I", content, 56)[0]
        self._next = self._numbers(self._table_sectors())
        self._small_next = self._numbers(self._chain(unpack_from("<I", content, 60)[0]))
        directory = self._joined(self._chain(unpack_from("<I", content, 48)[0]))
        self._entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]

    def stream(self, name: str) -> bytes | None:
        for entry in self._entries:
            length, kind = unpack_from("<HB", entry, 64)
            if kind == 2 and entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").lower() == name:
                start, size = unpack_from("<II", entry, 116)
                if size < self._cutoff:
                    return self._small(start, size)
                return self._whole(self._joined(self._chain(start)), size)
        return None

    def _small(self, start: int, size: int) -> bytes:
        root = self._joined(self._chain(unpack_from("<I", self._entries[0], 116)[0]))
        sectors = self._chain(start, self._small_next)
        step = self._small_size
        return self._whole(b"".join(root[at * step : (at + 1) * step] for at in sectors), size)

    def _whole(self, content: bytes, size: int) -> bytes:
        if len(content) < size:
            raise ValueError
        return content[:size]

    def _table_sectors(self) -> list[int]:
        sectors = list(unpack_from("<109I", self._content, 76))
        following = unpack_from("<I", self._content, 68)[0]
        seen: set[int] = set()
        while following < _END and following not in seen:
            seen.add(following)
            more = self._numbers([following])
            sectors += more[:-1]
            following = more[-1]
        return [sector for sector in sectors if sector < _END]

    def _numbers(self, sectors: list[int]) -> tuple[int, ...]:
        joined = self._joined(sectors)
        return unpack_from(f"<{len(joined) // 4}I", joined)

    def _joined(self, sectors: list[int]) -> bytes:
        size = self._size
        return b"".join(self._content[(at + 1) * size : (at + 2) * size] for at in sectors)

    def _chain(self, start: int, following: tuple[int, ...] | None = None) -> list[int]:
        table = self._next if following is None else following
        chain: list[int] = []
        while start < _END:
            chain.append(start)
            if len(chain) > len(table):
                raise ValueError
            start = table[start]
        return chain
