"""The words that a column's name is made of, in the form in which names of many exports can be compared."""

import re
import unicodedata
from functools import cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z]+|[0-9]+")
# Letters that are not made of a plain letter and an accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


@cache
def column_words(column: str) -> tuple[str, ...]:
    """Return the words and whole numbers in a column's name: lower case, without accents, apart where it changes.

    Examples
    --------
    >>> column_words("Décès_30j"), column_words("hospitalStay"), column_words("wt82_71")
    (('deces', '30', 'j'), ('hospital', 'stay'), ('wt', '82', '71'))
    """
    apart = unicodedata.normalize("NFKD", _HUMP.sub(" ", column))
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return tuple(_WORD.findall(bare.casefold().translate(_PLAIN)))
