"""In which language a caller wants the names of KPIs."""

from __future__ import annotations

from django.utils.translation import get_language_from_request
from rest_framework.request import Request


def language_of(request: Request) -> str:
    """The best of Accept-Language that we speak, such as "zh-hans"; the deployment's own otherwise."""
    return get_language_from_request(request._request)
