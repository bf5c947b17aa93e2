"""The sentence every answer of pricing carries: the product suggests, it never writes a price anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from pricing.types import BOUNDARY


def boundary_field() -> serializers.ChoiceField:
    """Return the member `boundary` of an answer."""
    return serializers.ChoiceField(
        choices=[BOUNDARY], help_text="The product suggests; it writes no price to any platform."
    )


def bounded(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer with its boundary."""
    return {"boundary": BOUNDARY, **body}
