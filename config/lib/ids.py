"""How identifiers that leave the process are made: request ids, key parts and opaque cursors."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Any

import orjson

from config.lib.errors import BadCursor

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_KEY = re.compile(r"(?P<kind>[a-z]{2,8})_(?P<prefix>[a-z2-7]{12})_(?P<secret>[a-z2-7]{52})")
_CURSOR_LIMIT = 4096


def new_request_id() -> str:
    """Return a new request id: 32 hexadecimal digits (128 random bits, also fit for a W3C trace id)."""
    return secrets.token_hex(16)


def _letters(count: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


def new_key(prefix: str) -> tuple[str, str]:
    """Return the two parts of a new key of the kind `prefix` ("ak"): 12 public characters and the secret.

    The secret is 52 base-32 characters (260 random bits). The person sees `join_key(kind, prefix, secret)`;
    store the public part and a hash of the secret.
    """
    if not re.fullmatch(r"[a-z]{2,8}", prefix):
        raise ValueError(f"a kind of key is two to eight lower-case letters, not {prefix!r}")
    return _letters(12), _letters(52)


def join_key(kind: str, prefix: str, secret: str) -> str:
    """Return a key as it is shown once: `<kind>_<prefix>_<secret>`."""
    return f"{kind}_{prefix}_{secret}"


def split_key(text: str) -> tuple[str, str, str] | None:
    """Return kind, public part and secret of a key, or None for anything that `new_key` cannot have made."""
    match = _KEY.fullmatch(text)
    return (match["kind"], match["prefix"], match["secret"]) if match else None


def encode_cursor(value: dict[str, Any]) -> str:
    """Return `value` (JSON types) as an opaque, URL-safe text."""
    return base64.urlsafe_b64encode(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).rstrip(b"=").decode()


def decode_cursor(text: str) -> dict[str, Any]:
    """Return what `encode_cursor` was given; `BadCursor` for anything damaged.

    A cursor is not signed: it holds nothing secret, and whoever edits one only gets another page of what
    they may read anyway.
    """
    try:
        if len(text) > _CURSOR_LIMIT:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        value = orjson.loads(raw)
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    if not isinstance(value, dict):
        raise BadCursor
    return value
