"""How the text of a variable becomes a value; ValueError says what is wrong, and never quotes the text."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


def text(text: str) -> str:
    """Any text, as it is."""
    return text


def flag(text: str) -> bool:
    """1, true, yes, on or 0, false, no, off."""
    known = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in known:
        raise ValueError("is not a yes or no: write 1 or 0")
    return known[text.lower()]


def whole(text: str) -> int:
    """A whole number, not negative."""
    if not text.isdigit():
        raise ValueError("is not a whole number")
    return int(text)


def words(text: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def choice(*words: str) -> Callable[[str], str]:
    """One of the words, whatever its case."""

    def parse(text: str) -> str:
        if text.lower() not in {word.lower() for word in words}:
            raise ValueError(f"must be one of {', '.join(words)}")
        return next(word for word in words if word.lower() == text.lower())

    return parse


def url(*schemes: str) -> Callable[[str], str]:
    """A URL of one of the schemes."""

    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"must be a URL that starts with {' or '.join(s + ':' for s in schemes)}")
        return text

    return parse


def _is_origin(text: object) -> bool:
    if not isinstance(text, str):
        return False
    parts = urlsplit(text)
    # No wildcard: who may read answers with credentials is named one by one.
    is_host = bool(parts.hostname) and not set("*@") & set(parts.netloc)
    return parts.scheme in {"http", "https"} and is_host and not (parts.path or parts.query or parts.fragment)


def origins(text: str) -> list[str]:
    """Origins between commas: scheme, host and port."""
    found = words(text)
    if not all(_is_origin(word) for word in found):
        raise ValueError("must list origins such as https://app.example.com, without a path")
    return found


def endpoints(text: str) -> dict[str, str]:
    """A JSON object from origins to origins."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError("is not JSON") from error
    if not isinstance(value, dict) or not all(_is_origin(o) for pair in value.items() for o in pair):
        raise ValueError(
            'must be a JSON object of origins: {"https://real.example": "http://127.0.0.1:4101"}'
        )
    return value


def bytes32(text: str) -> bytes:
    """32 bytes in base64."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64") from error
    if len(raw) != 32:
        raise ValueError(f"must be 32 bytes in base64, not {len(raw)}")
    return raw


def keys(text: str) -> dict[str, bytes]:
    """Named 32-byte keys between commas, in order: id:base64."""
    found: dict[str, bytes] = {}
    for word in words(text):
        key_id, colon, encoded = word.partition(":")
        if not colon or not key_id:
            raise ValueError('must read "id:base64-of-32-bytes", several joined by commas')
        if key_id in found:
            raise ValueError(f"names the key {key_id} twice")
        found[key_id] = bytes32(encoded)
    if not found:
        raise ValueError("holds no key")
    return found


def path(text: str) -> Path:
    """A path; a relative one starts at the repository."""
    return (ROOT / text).resolve()


def token(text: str) -> str:
    """A bearer token that cannot be guessed."""
    if len(text) < 32 or not text.isascii() or any(letter.isspace() for letter in text):
        raise ValueError("must have at least 32 ASCII characters and no spaces")
    return text


def secret_key(text: str) -> str:
    """Django's SECRET_KEY, long enough."""
    if len(text) < 50:
        raise ValueError("must have at least 50 characters")
    return text
