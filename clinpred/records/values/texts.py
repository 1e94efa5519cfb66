"""The cells of a column as they were written, held lean: a million cells make no million Python objects."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from clinpred.records.values.plain_numbers import PlainNumbers, bytes_of, plain_numbers
from clinpred.records.values.plain_words import PlainWords, plain_words

if TYPE_CHECKING:
    import pyarrow as pa

# The bit that makes a capital letter of ASCII a small one.
_LOWER_CASE = np.uint8(0x20)
_LEAN_CODES = (np.uint8, np.uint16, np.uint32)


class Texts(Sequence[str]):
    """The texts of one column, one a row, in a form that answers questions about all of them at once."""

    @abstractmethod
    def counts(self) -> Mapping[str, int]:
        """Return how many rows hold each distinct text."""

    @abstractmethod
    def rows(self, wanted: Collection[str]) -> NDArray[np.intp]:
        """Return the rows that hold one of these texts, in order."""

    @abstractmethod
    def array(self) -> NDArray[np.object_]:
        """Return the texts as Python strings, shape (n,)."""

    @abstractmethod
    def any_of(self, starts: Collection[str], is_meant: Callable[[str], bool]) -> bool:
        """Return whether one of the texts is meant that start with two of these letters, in whatever case."""

    @abstractmethod
    def coded(self) -> "CodedTexts":
        """Return the same texts, each distinct one held once."""


class CodedTexts(Texts):
    """Texts of which many are alike: the distinct ones, and for each row which of them it holds.

    Parameters
    ----------
    words : sequence of str
        The distinct texts.
    codes : array of unsigned int, shape (n,)
        The place in ``words`` of each row's text.
    """

    def __init__(self, words: Sequence[str], codes: NDArray[Any]) -> None:
        self.words = words
        self.codes = codes

    @classmethod
    def of(cls, texts: Sequence[str]) -> "CodedTexts":
        """Return texts that another source gives as Python strings.

        Examples
        --------
        >>> texts = CodedTexts.of(["f", "m", "f"])
        >>> texts.words, texts.codes.tolist(), list(texts)
        (['f', 'm'], [0, 1, 0], ['f', 'm', 'f'])
        """
        index: dict[str, int] = {}
        codes = np.fromiter((index.setdefault(text, len(index)) for text in texts), np.int64, len(texts))
        return cls(list(index), codes.astype(lean_codes(len(index))))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> "CodedTexts": ...
    def __getitem__(self, at: int | slice) -> "str | CodedTexts":
        if isinstance(at, slice):
            return CodedTexts(self.words, self.codes[at])
        return self.words[int(self.codes[at])]

    def __iter__(self) -> Iterator[str]:
        return map(self.words.__getitem__, self.codes.tolist())

    def __contains__(self, text: object) -> bool:
        return text in self._counts

    @cached_property
    def _counts(self) -> dict[str, int]:
        counts = np.bincount(self.codes, minlength=len(self.words)).tolist()
        return {word: count for word, count in zip(self.words, counts, strict=True) if count}

    def counts(self) -> Mapping[str, int]:
        """Return how many rows hold each distinct text."""
        return self._counts

    def rows(self, wanted: Collection[str]) -> NDArray[np.intp]:
        """Return the rows that hold one of these texts, in order."""
        is_wanted = np.array([word in wanted for word in self.words], dtype=bool)
        return np.flatnonzero(is_wanted[self.codes]) if is_wanted.any() else np.zeros(0, dtype=np.intp)

    def array(self) -> NDArray[np.object_]:
        """Return the texts as Python strings, shape (n,); rows that are alike share one."""
        return self.spread(dict(zip(self.words, self.words, strict=True)))

    def coded(self) -> "CodedTexts":
        """Return itself."""
        return self

    def any_of(self, starts: Collection[str], is_meant: Callable[[str], bool]) -> bool:
        """Return whether one of the texts is meant that start with two of these letters, in whatever case."""
        return any(word[:2].lower() in starts and is_meant(word) for word in self.words)

    def changed(self, change: Callable[[str], str]) -> tuple["CodedTexts", int]:
        """Return the texts after a change of each distinct one, and how many rows it changed."""
        after = [change(word) for word in self.words]
        differs = np.array([old != new for old, new in zip(self.words, after, strict=True)], dtype=bool)
        if not differs.any():
            return self, 0
        merged = CodedTexts.of(after)
        return CodedTexts(merged.words, merged.codes[self.codes]), int(differs[self.codes].sum())

    def spread(self, by_word: Mapping[str, str | None]) -> NDArray[np.object_]:
        """Return what stands for each row's text, shape (n,)."""
        values: NDArray[np.object_] = np.empty(len(self.words), dtype=object)
        values[:] = [by_word.get(word) for word in self.words]
        return np.take(values, self.codes)

    def spread_numbers(self, by_word: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the number that stands for each row's text, shape (n,); NaN where none does."""
        values = np.array([by_word.get(word, np.nan) for word in self.words], dtype=np.float64)
        return np.take(values, self.codes)


class LongTexts(Texts):
    """Texts of which few are alike, such as ids and measurements with many digits.

    Parameters
    ----------
    chunks : pyarrow.ChunkedArray
        Of type string, without nulls.
    """

    def __init__(self, chunks: "pa.ChunkedArray") -> None:
        self.chunks = chunks

    def __len__(self) -> int:
        return len(self.chunks)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if not isinstance(at, slice):
            return str(self.chunks[at].as_py())
        start, stop, step = at.indices(len(self))
        return LongTexts(self.chunks[start:stop]) if step == 1 else self.coded()[at]

    def __iter__(self) -> Iterator[str]:
        for chunk in self.chunks.chunks:
            yield from chunk.to_pylist()

    def __contains__(self, text: object) -> bool:
        import pyarrow.compute as pc

        return any(pc.any(pc.equal(chunk, text)).as_py() for chunk in self.chunks.chunks)

    @cached_property
    def numbers(self) -> PlainNumbers | None:
        """The texts as plain decimal numbers; None where they are not nearly all such."""
        return plain_numbers(self.chunks)

    @cached_property
    def words(self) -> PlainWords | None:
        """What is certain of the texts where they are ids or remarks; None where nothing is."""
        return plain_words(self.chunks)

    @cached_property
    def is_ascii(self) -> bool:
        """Whether no text has a sign beyond ASCII."""
        import pyarrow.compute as pc

        return all(pc.all(pc.string_is_ascii(chunk)).as_py() for chunk in self.chunks.chunks if len(chunk))

    @cached_property
    def _coded(self) -> CodedTexts:
        encoded = self.chunks.dictionary_encode().unify_dictionaries().chunks
        words = encoded[0].dictionary.to_pylist() if encoded else []
        code = lean_codes(len(words))
        return CodedTexts(words, np.concatenate([chunk.indices.to_numpy().astype(code) for chunk in encoded]))

    def counts(self) -> Mapping[str, int]:
        """Return how many rows hold each distinct text."""
        return self._coded.counts()

    def rows(self, wanted: Collection[str]) -> NDArray[np.intp]:
        """Return the rows that hold one of these texts, in order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.is_in(self.chunks, value_set=pa.array(list(wanted), pa.string()))
        return np.flatnonzero(found.to_numpy())

    def any_of(self, starts: Collection[str], is_meant: Callable[[str], bool]) -> bool:
        """Return whether one of the texts is meant that start with two of these letters, in whatever case."""
        import pyarrow as pa

        pairs = [256 * ord(start[0]) + ord(start[1]) for start in starts]
        for chunk in self.chunks.chunks:
            signs, begins, ends = bytes_of(chunk)
            rows = np.flatnonzero(ends - begins > 1)
            lowered = signs[begins[rows]] | _LOWER_CASE, signs[begins[rows] + 1] | _LOWER_CASE
            rows = rows[np.isin(256 * lowered[0].astype(np.int32) + lowered[1], pairs)]
            if any(map(is_meant, chunk.take(pa.array(rows)).to_pylist())):
                return True
        return False

    def array(self) -> NDArray[np.object_]:
        """Return the texts as Python strings, shape (n,)."""
        texts = np.empty(len(self), dtype=object)
        at = 0
        for chunk in self.chunks.chunks:
            texts[at : at + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
            at += len(chunk)
        return texts

    def coded(self) -> CodedTexts:
        """Return the same texts, each distinct one held once; slow, and every distinct text is a Python string."""
        return self._coded


def texts_of(column: Sequence[str]) -> Texts:
    """Return a column of any source as texts that are held lean."""
    return column if isinstance(column, Texts) else CodedTexts.of(column)


def tally(column: Sequence[str]) -> Mapping[str, int]:
    """Return how many cells of a column hold each distinct text."""
    return column.counts() if isinstance(column, Texts) else Counter(column)


def rows_of(column: Sequence[str], wanted: Collection[str]) -> list[int]:
    """Return the rows of a column that hold one of these texts, in order."""
    if isinstance(column, Texts):
        return [int(row) for row in column.rows(wanted)]
    return [row for row, text in enumerate(column) if text in wanted]


def lean_codes(n_words: int) -> type[np.unsignedinteger[Any]]:
    """Return the smallest type that numbers so many words."""
    return next(code for code in _LEAN_CODES if n_words <= np.iinfo(code).max + 1)
