"""In which encoding a text was written: certain for Unicode, likely by its letters for the others."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.platforms.csv_upload.problems import unreadable

ENCODINGS = ("utf-8-sig", "utf-16", "gb18030", "cp932", "latin-1")
_SAMPLE = 200_000
_CERTAIN = Decimal("1.00")
# Valid UTF-8 with letters beyond ASCII is UTF-8: other encodings hardly ever look like it.
_VALID_UTF8 = Decimal("0.99")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding and how sure it is, 0 to 1. 1 is certain."""

    encoding: str
    confidence: Decimal


def guess_encoding(content: bytes) -> Guess:
    """Tell the encoding of a text.

    A byte order mark and pure ASCII are certain. Where the bytes are no UTF-8, the Chinese, Japanese and
    Western readings are weighed by how ordinary their letters are; the confidence is the winner's lead.
    """
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return Guess(encoding, _CERTAIN)
    if content.isascii():
        return Guess("utf-8-sig", _CERTAIN)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _weigh(content)
    return Guess("utf-8-sig", _VALID_UTF8)


def decode(content: bytes, encoding: str = "") -> tuple[str, Guess]:
    """Return the text, in the encoding named or else in the likeliest one. Nothing is ever dropped silently:
    bytes that the encoding does not know are refused."""
    guess = Guess(encoding, _CERTAIN) if encoding else guess_encoding(content)
    name = "cp1252" if guess.encoding == "latin-1" else guess.encoding
    try:
        return content.decode(name).removeprefix("\ufeff"), guess
    except UnicodeDecodeError as error:
        if guess.encoding == "latin-1":
            # Windows' Latin leaves five bytes undefined that ISO's has as controls.
            return content.decode("latin-1"), guess
        raise unreadable("encoding", f"The file is not in {guess.encoding}.") from error
    except LookupError as error:
        raise unreadable("encoding", f"Unknown encoding; known: {', '.join(ENCODINGS)}.") from error


def _weigh(content: bytes) -> Guess:
    sample = content[:_SAMPLE]
    scores = {"gb18030": _chinese(sample), "cp932": _japanese(sample), "latin-1": _western(sample)}
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    (best, score), (_, second) = ranked[0], ranked[1]
    lead = Decimal(str(max(score - second, 0.0))) + Decimal(str(score)) / 2
    confidence = min(lead, Decimal("0.98")).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return Guess(best, confidence)


def _decoded(sample: bytes, encoding: str) -> str | None:
    # The sample may end within a letter.
    for end in range(4):
        try:
            return sample[: len(sample) - end].decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _mean(scores: list[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def _chinese(sample: bytes) -> float:
    """How ordinary the text is as Chinese: GB 2312's first level are the 3,755 common characters."""
    text = _decoded(sample, "gb18030")
    if text is None:
        return 0.0
    scores = []
    for char in text:
        if char.isascii():
            continue
        raw = char.encode("gb18030")
        if len(raw) == 2 and raw[1] >= 0xA1:
            if 0xB0 <= raw[0] <= 0xD7:
                scores.append(0.95)
            else:
                scores.append(0.9 if raw[0] in (0xA1, 0xA3) else 0.4)
        else:
            scores.append(0.05)
    return _mean(scores)


def _japanese(sample: bytes) -> float:
    """How ordinary the text is as Japanese: kana, and JIS's first level of kanji."""
    text = _decoded(sample, "cp932")
    if text is None:
        return 0.0
    scores = []
    for char in text:
        if char.isascii():
            continue
        code = ord(char)
        if 0x3040 <= code <= 0x30FF:
            scores.append(1.0)
        elif 0xFF61 <= code <= 0xFF9F:
            scores.append(0.25)
        else:
            raw = char.encode("cp932", errors="replace")
            scores.append(
                0.9 if len(raw) == 2 and (0x88 <= raw[0] <= 0x97 or raw[0] in (0x81, 0x82)) else 0.2
            )
    return _mean(scores)


def _western(sample: bytes) -> float:
    """How ordinary the text is as Western: accented letters stand alone between plain ones."""
    text = sample.decode("latin-1")
    scores = []
    for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if char.isascii():
            continue
        if not before.isascii() or not after.isascii():
            scores.append(0.1)
        elif char.isalpha():
            scores.append(0.95 if before.isalpha() or after.isalpha() else 0.5)
        else:
            scores.append(0.6 if ord(char) >= 0xA0 else 0.3)
    return _mean(scores)
