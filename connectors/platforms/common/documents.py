"""What the bytes of a downloaded document say: unpacked within bounds, decoded without guessing."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from connectors.platforms.common.problems import DocumentDamaged, DocumentUnreadable

MAX_DOCUMENT_BYTES = 1 << 30
_GZIP_MAGIC = b"\x1f\x8b"
_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)
# Amazon names Windows code pages as Java does.
_ALIASES = {
    "cp1252": "cp1252",
    "windows-31j": "cp932",
    "ms932": "cp932",
    "sjis": "cp932",
    "shift_jis": "cp932",
}
_FALLBACKS = ("utf-8-sig", "cp932", "cp1252")
_MARKET_FALLBACKS = {"JP": ("utf-8-sig", "cp932")}


def inflate(body: bytes, *, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """Unpack a gzip document (possibly of several members); other bytes are returned as they are.

    `DocumentDamaged` when it is truncated or its checksum is wrong, `DocumentUnreadable` when it would
    unpack to more than `limit` bytes.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    parts: list[bytes] = []
    size, rest = 0, body
    while rest.startswith(_GZIP_MAGIC):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            part = unpacker.decompress(rest, limit - size + 1)
        except zlib.error as error:
            raise DocumentDamaged(f"the compressed document is corrupt: {error}") from error
        size += len(part)
        if size > limit:
            raise DocumentUnreadable(f"the document unpacks to more than {limit} bytes")
        if not unpacker.eof:
            raise DocumentDamaged("the compressed document is truncated")
        parts.append(part)
        rest = unpacker.unused_data
    return b"".join(parts)


def decode(data: bytes, headers: Mapping[str, str], market: str) -> str:
    """Decode a text document strictly.

    Tried in order: a byte order mark, the charset of the content type, then the market's encodings
    (Shift-JIS in Japan), UTF-8 before all. `DocumentUnreadable` when none fits; nothing is ever replaced.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, ("utf-16",))
    return _strict(data, (*_declared(data, headers), *_MARKET_FALLBACKS.get(market, ()), *_FALLBACKS))


def _declared(data: bytes, headers: Mapping[str, str]) -> tuple[str, ...]:
    match = _CHARSET.search(headers.get("content-type", ""))
    if match is None or data.startswith(b"\xef\xbb\xbf"):
        return ()
    name = match[1].lower()
    return (_ALIASES.get(name, "utf-8-sig" if name in ("utf-8", "utf8") else name),)


def _strict(data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise DocumentUnreadable(f"the document is in none of the encodings {', '.join(encodings)}")
