"""Which routes the product has, read from the resolver: nothing is listed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

API = "api/v1/"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
#: Ids that no object has: the caller's right is decided before the object is looked for.
_NOBODY = {
    "int": "999999999",
    "slug": "nobody",
    "str": "nobody",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the API and the view behind it."""

    route: str
    view: Any

    def path(self, client: str) -> str:
        """A path of this route for the client's slug, with ids that nothing has."""

        def filled(match: re.Match[str]) -> str:
            return client if match[2] == "client" else _NOBODY[match[1] or "str"]

        return "/" + _PARAMETER.sub(filled, self.route)


def api_routes() -> list[Route]:
    """Every route below /api/v1/, in order of its path."""
    found = [Route(route, view) for route, view in _walk(get_resolver(), "") if route.startswith(API)]
    return sorted(found, key=lambda each: each.route)


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, getattr(pattern.callback, "view_class", pattern.callback)
