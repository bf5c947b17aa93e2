"""In which language a caller wants the names of KPIs."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def language_of_answer() -> str:
    """The language of this answer, such as "zh-hans": the edge has chosen it by header, then by person."""
    return get_language() or settings.LANGUAGE_CODE
