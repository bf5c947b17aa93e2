"""How an endpoint says that it will go: the headers Deprecation (RFC 9745), Sunset (RFC 8594) and Link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http.response import HttpResponseBase
from django.utils.http import http_date


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when a method is deprecated, when it may stop working, and where to read what to use instead.

    A view declares it by method: `deprecations = {"GET": Deprecation(since=…, sunset=…, link="/…")}`.
    """

    since: datetime
    sunset: datetime
    link: str

    def __post_init__(self) -> None:
        if self.sunset < self.since:
            raise ValueError("nothing ends before it is deprecated (RFC 9745 §4)")

    def tell(self, response: HttpResponseBase) -> None:
        """Add the headers to an answer, once; a Link that is there already is kept."""
        if response.has_header("Deprecation"):
            return
        response.headers["Deprecation"] = f"@{int(self.since.timestamp())}"
        response.headers["Sunset"] = http_date(self.sunset.timestamp())
        links = [response.headers["Link"]] if response.has_header("Link") else []
        response.headers["Link"] = ", ".join([*links, f'<{self.link}>; rel="deprecation"'])
