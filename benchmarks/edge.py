"""Whole requests through Django in this process: middleware, routing, authentication, view, rendering."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver

from tenants.types import ClientRef
from tests.factories.people import make_key

Routes = Sequence[URLPattern | URLResolver]


class Caller:
    """A machine with a key to one client, whose requests nobody limits."""

    def __init__(self, client: ClientRef) -> None:
        settings.API_RATE_LIMITS = {"caller": (10**9, 60), "client": (10**9, 60)}
        self._prefix = f"/api/v1/clients/{client.slug}"
        self._headers = {"Authorization": f"Bearer {make_key(client).text}"}
        self._requests = RequestFactory()
        self._handler = BaseHandler()
        self._handler.load_middleware()

    def get(self, path: str, routes: Routes | None = None) -> HttpResponseBase:
        """Answer a GET of a path below the client; by `routes` in place of the product's own when given."""
        request = self._requests.get(self._prefix + path, headers=self._headers)
        if routes is not None:
            request.urlconf = tuple(routes)  # type: ignore[assignment]
        return self._handler.get_response(request)

    def body(self, path: str, routes: Routes | None = None) -> bytes:
        """The bytes of an answer that must be a 200."""
        response = self.get(path, routes)
        if response.status_code != 200:
            raise AssertionError(f"{path} answered {response.status_code}")
        return bytes(getattr(response, "content", b""))
