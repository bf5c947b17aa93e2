"""What the API description says of every endpoint behind the HTTP edge: headers, and ways to authenticate."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import Any, Final

from django.apps import apps
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config import lib as config_lib
from config.lib.api.problem import CONTENT_TYPE
from config.lib.api.schema import problems
from tenants.authentication import (
    AccessTokenAuthentication,
    ApiKeyAuthentication,
    SessionCookieAuthentication,
    SessionTokenAuthentication,
)

_HEADER: Final = "header"

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
REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    {"type": "string", "enum": ["true"]},
    _HEADER,
    response=[200, 201, 202, 204],
    description="The request came before; this is the answer of that time.",
)
DEPRECATION = OpenApiParameter(
    "Deprecation",
    str,
    _HEADER,
    response=True,
    description="Since when: @ and Unix time.",
)
SUNSET = OpenApiParameter("Sunset", str, _HEADER, response=True, description="When it may stop working.")
RATE_LIMIT = OpenApiParameter(
    "RateLimit", str, _HEADER, response=True, description="Requests left and seconds until all are back."
)
RATE_LIMIT_POLICY = OpenApiParameter(
    "RateLimit-Policy", str, _HEADER, response=True, description="Quota and window in seconds."
)
REQUEST_ID = OpenApiParameter(
    "X-Request-ID", str, _HEADER, response=True, description="Names this request in logs and problems."
)


_OURS = frozenset({"tenants", "connectors", "kpis", "pricing", "alerts"})
_WITHOUT_ERRORS = frozenset({"management", "migrations", "simulator", "__main__"})
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_ALWAYS = ("RateLimit", "RateLimit-Policy", "X-Request-ID")
_WITH_RETRY_AFTER = ("409", "429", "503")


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": problems(status)[status, CONTENT_TYPE].description,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


class EdgeSchema(AutoSchema):
    """Describes views of `tenants.http`."""

    def get_override_parameters(self) -> list[Any]:
        """The headers that the view takes by its own declaration, and those of its answers."""
        view: Any = self.view
        found: list[Any] = [RATE_LIMIT, RATE_LIMIT_POLICY, REQUEST_ID, ETAG, LOCATION, RETRY_AFTER]
        if self.method in view.idempotent_methods:
            found += [IDEMPOTENCY_KEY, REPLAYED]
        if self.method in view.deprecations:
            found += [DEPRECATION, SUNSET]
        if self.method in view.conditional_methods:
            found.append(IF_MATCH)
        if self.method == "GET":
            found.append(IF_NONE_MATCH)
        if self.method in view.queries:
            found.append(view.queries[self.method])
        return found

    def get_summary(self) -> str:
        """The first sentence of the description, without its full stop: what lists of operations show."""
        words = " ".join(self.get_description().split())
        return _SENTENCE_END.split(words, maxsplit=1)[0].removesuffix(".")

    def is_deprecated(self) -> bool:
        """Whether the view says that this method will go."""
        view: Any = self.view
        return self.method in view.deprecations

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with the problems that follow from the view's declarations."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        view: Any = self.view
        statuses = {400}
        if self.method in view.idempotent_methods:
            statuses |= {409, 422}
        if self.method in view.conditional_methods:
            statuses |= {412, 428}
        if "{client}" in self.path:
            statuses.add(409)
        for status in statuses:
            operation["responses"].setdefault(str(status), _problem(status))
        if self.method == "GET":
            operation["responses"].setdefault("304", {"description": "The caller's copy is fresh."})
        return operation


def load_error_classes(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Import every module that may define an error, so that the list of codes is the same in every process.

    A postprocessing hook of spectacular, to run before config.lib.api.schema.add_problems. Platforms and
    other extensions are imported on first use; a description made before that would lack their codes.
    """
    ours = [config.module for config in apps.get_app_configs() if config.name.partition(".")[0] in _OURS]
    for package in (config_lib, *ours):
        if package is None:
            continue
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            _import_all(module)
    return result


def _import_all(module: pkgutil.ModuleInfo) -> None:
    if module.name.rpartition(".")[2] in _WITHOUT_ERRORS:
        return
    loaded = import_module(module.name)
    if module.ispkg:
        for inner in pkgutil.iter_modules(loaded.__path__, f"{module.name}."):
            _import_all(inner)


def share_components(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say once what every operation says: headers and problem answers become components.

    A postprocessing hook of spectacular, to run after config.lib.api.schema.add_problems.
    """
    shared = result["components"]
    headers, answers, parameters = (
        shared.setdefault(kind, {}) for kind in ("headers", "responses", "parameters")
    )
    for methods in result["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                told = answer.get("headers", {})
                answer["headers"] = {name: _shared(headers, "headers", name, told[name]) for name in told}
                if not told:
                    del answer["headers"]
                if list(answer.get("content", ())) == [CONTENT_TYPE]:
                    operation["responses"][status] = _shared(answers, "responses", f"Problem{status}", answer)
            operation["parameters"] = [
                _shared(parameters, "parameters", each["name"], each) if each["in"] == "header" else each
                for each in operation.get("parameters", ())
            ]
    for name, answer in answers.items():
        told = [*_ALWAYS, *(["Retry-After"] if name.endswith(_WITH_RETRY_AFTER) else [])]
        answer["headers"] = {each: {"$ref": f"#/components/headers/{each}"} for each in told}
    return result


def _shared(known: dict[str, Any], kind: str, name: str, node: dict[str, Any]) -> dict[str, Any]:
    """A reference to the component of this name; the node itself where it says something else."""
    return {"$ref": f"#/components/{kind}/{name}"} if known.setdefault(name, node) == node else node


class _ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "A machine's key: ak_<prefix>_<secret>."}


class _AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = AccessTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token of another kind."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Application login: the access token that /api/auth/app/v1/auth/login answers. It "
            "lives for minutes; /api/auth/app/v1/tokens/refresh gives the next one.",
        }


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
