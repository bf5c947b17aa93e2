"""Which automated results a person checks: a draw that anybody can repeat and nobody can steer."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from enum import StrEnum

_ALL = 2**64


class SampleKind(StrEnum):
    """What kind of automated result is checked."""

    COMPETITOR_MATCH = "competitor_match"
    PRICE_SUGGESTION = "price_suggestion"
    ABNORMAL_CLICKS = "abnormal_clicks"


class Answer(StrEnum):
    """What the person says of the result."""

    AGREE = "agree"
    DISAGREE = "disagree"


#: The share that is drawn where nobody has said otherwise.
DEFAULT_SHARES = {
    SampleKind.COMPETITOR_MATCH: Decimal("0.02"),
    SampleKind.PRICE_SUGGESTION: Decimal("0.05"),
    SampleKind.ABNORMAL_CLICKS: Decimal("0.20"),
}


def is_drawn(*, seed: str, kind: SampleKind, reference: str, share: Decimal) -> bool:
    """Is this result among the `share` (0..1) that is checked?

    It is when the first 64 bits of SHA-256 over seed, kind and reference, read as a fraction of 1, are below
    the share: each result by itself (Bernoulli sampling), so that neither order nor company changes a draw,
    and a larger share keeps what a smaller one drew.
    """
    digest = hashlib.sha256(f"{seed}|{kind.value}|{reference}".encode()).digest()
    return Decimal(int.from_bytes(digest[:8], "big")) < share * _ALL
