"""What the API description says of every endpoint behind the HTTP edge: headers, and ways to authenticate."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config.lib.api.problem import CONTENT_TYPE
from tenants.authentication import (
    ApiKeyAuthentication,
    SessionCookieAuthentication,
    SessionTokenAuthentication,
)

_HEADER = OpenApiParameter.HEADER

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    _HEADER,
    required=True,
    description="A value of one's own, such as a UUID. The same key with the same request acts once and "
    "is answered, for 24 hours, with the same bytes; with another request it is refused.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, _HEADER, required=True, description="The ETag of what is to be changed, as it was read."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, _HEADER, description="The ETag of what the caller has; if it is fresh: 304."
)
ETAG = OpenApiParameter("ETag", str, _HEADER, response=[200, 201], description="The version of the resource.")
LOCATION = OpenApiParameter(
    "Location", str, _HEADER, response=[201, 202], description="The path of what was made."
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, _HEADER, response=[202, 429], description="Seconds to wait."
)
RATE_LIMIT = OpenApiParameter(
    "RateLimit", str, _HEADER, response=True, description="Requests left and seconds until all are back."
)
RATE_LIMIT_POLICY = OpenApiParameter(
    "RateLimit-Policy", str, _HEADER, response=True, description="Quota and window in seconds."
)
REQUEST_ID = OpenApiParameter(
    "X-Request-ID", str, _HEADER, response=True, description="Names this request in logs and problems."
)


_PROBLEM = {
    "description": "A problem.",
    "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class EdgeSchema(AutoSchema):
    """Describes views of `tenants.http`."""

    def get_override_parameters(self) -> list[Any]:
        """The headers that the view takes by its own declaration, and those of its answers."""
        found = [RATE_LIMIT, RATE_LIMIT_POLICY, REQUEST_ID, ETAG, LOCATION, RETRY_AFTER]
        if self.method in self.view.idempotent_methods:
            found.append(IDEMPOTENCY_KEY)
        if self.method in self.view.conditional_methods:
            found.append(IF_MATCH)
        if self.method == "GET":
            found.append(IF_NONE_MATCH)
        if self.method in self.view.queries:
            found.append(self.view.queries[self.method])
        return found

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with the problems that follow from the view's declarations."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        statuses = {400}
        if self.method in self.view.idempotent_methods:
            statuses |= {409, 422}
        if self.method in self.view.conditional_methods:
            statuses |= {412, 428}
        if "{client}" in self.path:
            statuses.add(409)
        for status in statuses:
            operation["responses"].setdefault(str(status), deepcopy(_PROBLEM))
        if self.method == "GET":
            operation["responses"].setdefault("304", {"description": "The caller's copy is fresh."})
        return operation


class _ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "A machine's key: ak_<prefix>_<secret>."}


class _SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionTokenAuthentication
    name = "sessionToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A header of allauth's app client."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-Session-Token",
            "description": "Application login: the session token that /api/auth/app/v1/auth/login answers.",
        }


class _SessionCookieScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionCookieAuthentication
    name = "sessionCookie"
    priority = 1  # before the one that the generator knows for its base class

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A cookie of allauth's browser client; writes also need X-CSRFToken."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Browser login."}
