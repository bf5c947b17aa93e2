"""How a buyer is told apart without being known: a keyed hash, and objects cut down to named parts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

# What of an object may be kept: name → True for the whole value, or the shape of the inner object(s).
Shape = Mapping[str, Any]


def buyer_hash(pepper: bytes, buyer_id: str) -> str:
    """Return HMAC-SHA256 of a buyer's identifier (trimmed, lower case) in hex; "" where there is none."""
    normalised = buyer_id.strip().lower()
    return hmac.new(pepper, normalised.encode(), hashlib.sha256).hexdigest() if normalised else ""


def keep(value: Any, shape: Shape) -> Any:
    """Return `value` with only the members `shape` names; lists are kept element by element.

    An allow-list, so that a member a platform adds tomorrow is dropped until somebody decides about it.
    """
    if isinstance(value, list):
        return [keep(item, shape) for item in value]
    if not isinstance(value, dict):
        return None
    return {
        name: value[name] if inner is True else keep(value[name], inner)
        for name, inner in shape.items()
        if name in value
    }
