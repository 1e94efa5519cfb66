"""Bytes to text: UTF-8 or what a byte order mark says; anything else is shown to be so, warned of or refused."""

import codecs
import re
from dataclasses import dataclass

from clinpred.errors import InputRefused, WrongUsage
from clinpred.records.findings import Finding

MIXED = "mixed"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CTRL_Z = "\x1a"
_BREAK = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"\w+")
# In cp1252 a capital inside a word, a sign before a letter, accents and signs only: these mean another code page.
_IMPLAUSIBLE = re.compile(
    r"[a-zß-öø-ÿ][À-ÖØ-ÞŒŠŽŸ](?![À-ÖØ-Þ])"
    r"|[^\W\d_][‚ƒ„…†‡ˆ‰‹¡¢£¤¥¦§¨©«¬®¯±¶¸¹»¼½¾¿˜›×÷][^\W\d_]"
    r"|[¢£¤¥¦¨¬¯³¸¹¼½¾×÷][a-zß-öø-ÿ]"
    r"|(?<!\w)[À-ÖØ-öø-ÿŒœŠšŽžŸ]{3,}"
    r"|[¡-ÿ]{4}"
)
_CONTINUES = bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore")
_MOJIBAKE = re.compile(f"[Â-ô][{re.escape(_CONTINUES)}]{{1,3}}")


@dataclass(frozen=True)
class Decoded:
    """The text of an export, the encoding it was read in, and what was noticed."""

    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def decode(content: bytes, name: str, *, encoding: str | None = None) -> Decoded:
    """Return the text without its byte order mark and without a closing Ctrl-Z.

    ``encoding`` is what the analyst says: any that Python knows, or ``"mixed"`` for UTF-8 lines among cp1252 lines.

    Raises
    ------
    InputRefused
        E-ENCODING: does not decode. E-ENC-MIXED: UTF-8 and another encoding in one file. E-TRUNCATED: text follows a
        Ctrl-Z.
    WrongUsage
        E-ENCODING: there is no such encoding.
    """
    decoded = _decoded(content, name, encoding)
    text = decoded.text.removeprefix("\ufeff")
    without = text.rstrip("\x1a\r\n \t") if _CTRL_Z in text[-64:] else text
    _refuse_ctrl_z(without, name)
    if _CTRL_Z not in text[len(without) :]:
        return Decoded(text, decoded.encoding, decoded.findings)
    kept = text[: text.index(_CTRL_Z, len(without))]
    finding = Finding("W-CTRLZ", "note", "a Ctrl-Z at the end of the file set aside", "no action is needed", 1)
    return Decoded(kept, decoded.encoding, (*decoded.findings, finding))


def is_utf8(encoding: str | None) -> bool:
    """Whether the encoding that the analyst names, if any, is UTF-8."""
    try:
        return encoding is None or codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False


def is_mojibake(value: str) -> bool:
    """Whether UTF-8 text was once read as cp1252: two strange signs stand where one accented letter was.

    Examples
    --------
    >>> is_mojibake("OrlÃ©ans"), is_mojibake("Orléans"), is_mojibake("São Tomé")
    (True, False, False)
    """
    return any(_turns_back(found.group()) for found in _MOJIBAKE.finditer(value))


def line_at(text: str, position: int) -> int:
    """Return the number of the line, from 1, on which a position of the text stands."""
    return len(_BREAK.findall(text, 0, position)) + 1


def _refuse_ctrl_z(text: str, name: str) -> None:
    """Refuse text after a Ctrl-Z: for some programs a file ends there, others joined two files so."""
    at = text.find(_CTRL_Z)
    if at < 0:
        return
    raise InputRefused(
        "E-TRUNCATED",
        f"{name}: a Ctrl-Z on line {line_at(text, at)}, which ends a text, has more text behind it",
        expected="text up to its end; two exports may have been joined",
        to_fix="export again, or remove the Ctrl-Z if what follows it belongs to the table",
    )


def _turns_back(pair: str) -> bool:
    for end in range(len(pair), 1, -1):
        try:
            if len(pair[:end].encode("cp1252").decode("utf-8")) == 1:
                return True
        except UnicodeError:
            continue
    return False


def _decoded(content: bytes, name: str, encoding: str | None) -> Decoded:
    if encoding == MIXED:
        return _line_by_line(content, name)
    if encoding is not None:
        return Decoded(_strictly(content, name, _known(encoding)), encoding)
    for mark, marked in _MARKS.items():
        if content.startswith(mark):
            return Decoded(_strictly(content[len(mark) :], name, marked), marked)
    wide = _wide_encoding(content)
    if wide is not None:
        return Decoded(_strictly(content, name, wide), wide, (_guessed(wide, "no byte order mark says so", None),))
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _western(content, name)


def _known(encoding: str) -> str:
    try:
        found = codecs.lookup(encoding)
    except LookupError:
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise WrongUsage(
            "E-ENCODING",
            f"--encoding {encoding}: there is no such encoding",
            expected="the name of an encoding, such as utf-8, cp1252, utf-16 or cp850, or mixed",
            to_fix="correct the name",
        )
    return found.name


def _strictly(content: bytes, name: str, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = line_at(content[: fault.start].decode(encoding, errors="replace"), len(content))
        raise _not_decoded(f"{name}: line {line} is not {encoding.upper()} text") from None


def _wide_encoding(content: bytes) -> str | None:
    """Return UTF-16's name where, without a mark, most second bytes are zero and nearly none of the others."""
    if b"\0" not in content[:4096] or len(content) % 2:
        return None
    half = len(content) // 2
    even, odd = content[::2].count(0), content[1::2].count(0)
    if max(even, odd) < 0.6 * half or min(even, odd) > 0.01 * half:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _western(content: bytes, name: str) -> Decoded:
    _refuse_mixed(content, name)
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise _not_decoded(f"{name}: line {line} is neither UTF-8 nor cp1252 text") from None
    high = {line.decode("cp1252") for line in content.split(b"\n") if not line.isascii()}
    words = {word for line in high for word in _WORD.findall(line) if not word.isascii()}
    if any(map(_IMPLAUSIBLE.search, high)):
        raise _not_decoded(f"{name}: not UTF-8, and its {len(words)} words with accents are no words in cp1252")
    return Decoded(text, "cp1252", (_guessed("cp1252", "it is not UTF-8", len(words)),))


def _refuse_mixed(content: bytes, name: str) -> None:
    first_decodes = None
    for line, found in enumerate(content.split(b"\n"), start=1):
        if found.isascii():
            continue
        decodes = _decodes(found)
        first_decodes = decodes if first_decodes is None else first_decodes
        if decodes != first_decodes:
            raise InputRefused(
                "E-ENC-MIXED",
                f"{name}: the encoding changes on line {line}: some lines are UTF-8, others are not",
                expected="one encoding; two exports may have been joined",
                to_fix="export again, or name the encoding with --encoding "
                "(--encoding mixed reads each line as UTF-8 where it is, else as cp1252)",
            )


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_by_line(content: bytes, name: str) -> Decoded:
    lines = content.split(b"\n")
    other = [at for at, line in enumerate(lines) if not line.isascii() and not _decodes(line)]
    try:
        for at in other:
            lines[at] = lines[at].decode("cp1252").encode("utf-8")
    except UnicodeDecodeError:
        raise _not_decoded(f"{name}: line {at + 1} is neither UTF-8 nor cp1252 text") from None
    if not other:
        return Decoded(content.decode("utf-8"), "utf-8")
    text = f"{len(other)} lines that are not UTF-8 read as cp1252, as --encoding mixed asks"
    finding = Finding("W-ENC-MIXED", "caution", text, "check the accented words of these lines", len(other))
    return Decoded(b"\n".join(lines).decode("utf-8"), MIXED, (finding,))


def _guessed(encoding: str, because: str, n_words: int | None) -> Finding:
    words = "" if n_words is None else f" ({n_words} different words with signs beyond ASCII)"
    text = f"the file is read as {encoding}, for {because}{words}"
    advice = f"check the accented words, or name the encoding with --encoding (--encoding {encoding} if they are right)"
    return Finding("W-ENC-GUESS", "caution", text, advice, n_words)


def _not_decoded(found: str) -> InputRefused:
    return InputRefused(
        "E-ENCODING",
        found,
        expected="UTF-8, UTF-16 or cp1252 text",
        to_fix="export again as UTF-8 (in Excel: CSV UTF-8), or name the encoding with --encoding",
    )
