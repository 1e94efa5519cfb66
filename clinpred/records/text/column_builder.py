"""A column that grows block by block, held lean from the start."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clinpred.records.text.blanks import BLANKS
from clinpred.records.values.texts import CodedTexts, LongTexts, Texts, lean_codes

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

# Few texts of a column are alike where a block has so many distinct ones, and they are such a share of its rows.
FEWEST_LONG = 100
_SHARE_OF_LONG = 0.25
_MOST_WORDS = 2**16
_BLOCKS_AT_ONCE = 16


class ColumnBuilder:
    """The texts of one column: each distinct one once while many are alike, else one after the other."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._codes: list[NDArray[Any]] = []
        self._latest: list[pa.DictionaryArray] = []
        self._chunks: list[pa.StringArray] | None = None

    @property
    def arrow_type(self) -> "pa.DataType":
        """How the next block of this column is best parsed."""
        import pyarrow as pa

        return pa.dictionary(pa.int32(), pa.string()) if self._chunks is None else pa.string()

    def add(self, chunk: "pa.Array") -> None:
        """Add the cells of a block, of the type asked for."""
        import pyarrow as pa

        if self._chunks is not None:
            self._chunks.append(chunk.cast(pa.string()))
            return
        n_words = len(chunk.dictionary)
        if n_words >= FEWEST_LONG and n_words > _SHARE_OF_LONG * len(chunk):
            self._chunks = [*self._decoded(), chunk.cast(pa.string())]
            return
        self._latest.append(chunk)
        if len(self._latest) == _BLOCKS_AT_ONCE:
            self._number_words()
            if len(self._index) > _MOST_WORDS:
                self._chunks = self._decoded()

    def texts(self, *, stripped: bool) -> tuple[Texts, int]:
        """Return the column, without outer blanks where that is asked for, and how many cells had some.

        The builder is empty then.
        """
        if self._chunks is None:
            self._number_words()
            texts = CodedTexts(list(self._index), np.concatenate(self._codes))
            self._codes = []
            return texts.changed(lambda word: word.strip(BLANKS)) if stripped else (texts, 0)
        return self._long_texts(stripped=stripped)

    def _long_texts(self, *, stripped: bool) -> tuple[LongTexts, int]:
        import pyarrow as pa
        import pyarrow.compute as pc

        chunks, self._chunks = self._chunks or [], []
        n_changed = 0
        for at, chunk in enumerate(chunks if stripped else []):
            chunks[at] = pc.utf8_trim(chunk, characters=BLANKS)
            n_changed += pc.sum(pc.not_equal(chunk, chunks[at])).as_py() or 0
        return LongTexts(pa.chunked_array(chunks, pa.string())), n_changed

    def _number_words(self) -> None:
        """Give the words of the latest blocks their numbers, known words those that they have."""
        import pyarrow as pa

        if not self._latest:
            return
        chunks = pa.chunked_array(self._latest).unify_dictionaries().chunks
        index = self._index
        places = np.array([index.setdefault(word, len(index)) for word in chunks[0].dictionary.to_pylist()])
        places = places.astype(lean_codes(len(index)))
        self._codes += [np.take(places, chunk.indices.to_numpy()) for chunk in chunks]
        self._latest = []

    def _decoded(self) -> "list[pa.StringArray]":
        """Return the coded cells so far as their texts."""
        import pyarrow as pa

        self._number_words()
        words = pa.array(list(self._index), pa.string())
        decoded = [words.take(pa.array(codes)) for codes in self._codes]
        self._index, self._codes = {}, []
        return decoded
