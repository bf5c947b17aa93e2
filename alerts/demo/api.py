"""The demo as a user of the product: it logs in and calls the HTTP API like any front end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

import httpx  # lint-skip: raw-http the demo is a client of our own API, not of a platform
import orjson

from config.lib.ids import new_request_id
from config.loopback import loopback_client

_TIMEOUT = 60.0


class DemoFailed(RuntimeError):
    """The API refused something the demo needs; the message is its problem document."""


class API:
    """A logged-in session. Every call returns the decoded body or raises DemoFailed."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        # The table is English whatever the owner's own language is.
        headers = {"Accept-Language": "en"}
        self._http = loopback_client(base_url, timeout=_TIMEOUT, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def log_in(self, email: str, password: str) -> None:
        """Open a session by e-mail and password, as an app does."""
        answer = self.call("POST", "/api/auth/app/v1/auth/login", {"email": email, "password": password})
        self._http.headers["X-Session-Token"] = answer["meta"]["session_token"]

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Read one resource below /api/v1."""
        return self.call("GET", f"/api/v1{path}", query=query)

    def every(self, path: str, query: Mapping[str, str] | None = None) -> list[Any]:
        """Read all pages of a list."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, {**(query or {}), **cursor, "limit": "200"})
            found += page["data"]
            if page["page"]["next"] is None:
                return found
            cursor = {"cursor": page["page"]["next"]}

    def post(self, path: str, body: Any, *, version: int | None = None) -> Any:
        """Create or start something, once; where `version` is given, only while it is the present one."""
        return self.call("POST", f"/api/v1{path}", body, headers=_sent_with(version))

    def put(self, path: str, body: Any, *, version: int) -> Any:
        """State something as a whole in place of its present version (0: there is none)."""
        return self.call("PUT", f"/api/v1{path}", body, headers=_sent_with(version))

    def post_csv(self, path: str, text: str, query: Mapping[str, str]) -> Any:
        """Upload a CSV file."""
        headers = {"Idempotency-Key": new_request_id(), "Content-Type": "text/csv"}
        return self._checked(
            self._http.post(
                f"/api/v1{path}",
                content=text.encode(),
                headers=headers,
                params=query,
            )
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """One call; waits as long as the API says when it says we are too quick."""
        content = None if body is None else orjson.dumps(body)
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if content else {})}
        while True:
            answer = self._http.request(method, path, content=content, params=query, headers=sent)
            if answer.status_code != 429:
                return self._checked(answer)
            time.sleep(float(answer.headers.get("Retry-After", "1")))

    def _checked(self, answer: httpx.Response) -> Any:
        if answer.status_code >= 400:
            raise DemoFailed(f"{answer.request.method} {answer.request.url.path}: {answer.text[:2000]}")
        return orjson.loads(answer.content) if answer.content else None


def _sent_with(version: int | None) -> dict[str, str]:
    match = {} if version is None else {"If-Match": f'"{version}"'}
    return {"Idempotency-Key": new_request_id(), **match}
