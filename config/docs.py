"""The API's description and its two readers, Swagger UI and Redoc; every asset comes from this server."""

from __future__ import annotations

import functools
import secrets
from pathlib import Path

import orjson
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

_ASSETS = "drf_spectacular_sidecar"
_REDOC_BUNDLE = f"{_ASSETS}/redoc/bundles/redoc.standalone.js"
# What Redoc would fetch from its maker's network, and what it gets: the smallest picture there is, empty.
_FOREIGN_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_LOGO = b"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>body{{margin:0}}</style>{head}</head>
<body><div id="reader"></div><script src="{script}"></script><script nonce="{nonce}">{start}</script></body>
</html>
"""
_SWAGGER = (
    'SwaggerUIBundle({url: "/api/schema?format=json", dom_id: "#reader", deepLinking: true, '
    "persistAuthorization: false, validatorUrl: null})"
)
_REDOC = 'Redoc.init("/api/schema?format=json", {}, document.getElementById("reader"))'


def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document: YAML, or JSON with `?format=json` or an Accept header that says so."""
    wants_json = request.GET.get("format") == "json" or "json" in request.headers.get("Accept", "")
    if wants_json:
        return HttpResponse(_as_json(), content_type="application/json")
    return HttpResponse(_as_yaml(), content_type="application/yaml")


def swagger(request: HttpRequest) -> HttpResponse:
    """Swagger UI: read and try."""
    style = static(f"{_ASSETS}/swagger-ui-dist/swagger-ui.css")
    script = static(f"{_ASSETS}/swagger-ui-dist/swagger-ui-bundle.js")
    return _page("API", f'<link rel="stylesheet" href="{style}">', script, _SWAGGER)


def redoc(request: HttpRequest) -> HttpResponse:
    """Redoc: read at length."""
    return _page("API reference", "", "/api/redoc.js", _REDOC)


def redoc_script(request: HttpRequest) -> HttpResponse:
    """Redoc's bundle, which asks nothing of any other server."""
    headers = {"Cache-Control": "public, max-age=3600"}
    return HttpResponse(_redoc_bundle(), content_type="text/javascript", headers=headers)


@functools.cache
def _redoc_bundle() -> bytes:
    return Path(str(finders.find(_REDOC_BUNDLE))).read_bytes().replace(_FOREIGN_LOGO, _NO_LOGO)


@functools.cache
def _document() -> dict[str, object]:
    """The description, generated once per process: the code cannot change while it runs."""
    with override(settings.LANGUAGE_CODE):
        document: dict[str, object] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return document


@functools.cache
def _as_json() -> bytes:
    return orjson.dumps(_document(), default=str)


@functools.cache
def _as_yaml() -> bytes:
    text: bytes = OpenApiYamlRenderer().render(_document(), renderer_context={})  # type: ignore[no-untyped-call]
    return text


def _page(title: str, head: str, script: str, start: str) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    page = _PAGE.format(title=title, head=head, script=script, start=start, nonce=nonce)
    return HttpResponse(page, headers={"Content-Security-Policy": _POLICY.format(nonce=nonce)})
