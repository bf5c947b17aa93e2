"""How an error is told to the caller: RFC 9457 problem documents, the same from every layer.

`exception_handler` serves REST framework, the `handler…` functions and `csrf_failure` serve Django itself.
The `type` of a problem leads to `problem_page`, mounted at /problems/<code>.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from django.core.exceptions import (
    BadRequest as DjangoBadRequest,
)
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import (
    ValidationError as ModelValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.html import escape
from django.utils.translation import gettext
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.lib import errors
from config.lib.api.validation import body_errors
from config.lib.errors import AppError, FieldError
from config.lib.ids import new_request_id
from config.lib.logging import get_logger

CONTENT_TYPE = "application/problem+json"
_log = get_logger(__name__)

_TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
_BY_CLASS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[AppError]], ...] = (
    ((Http404, drf.NotFound), errors.NotFound),
    ((PermissionDenied, drf.PermissionDenied), errors.Denied),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), errors.Unauthenticated),
    (drf.MethodNotAllowed, errors.MethodNotAllowed),
    (drf.NotAcceptable, errors.NotAcceptable),
    (drf.UnsupportedMediaType, errors.UnsupportedMediaType),
    (_TOO_LARGE, errors.PayloadTooLarge),
    ((drf.ParseError, SuspiciousOperation, DjangoBadRequest, UnreadablePostError), errors.BadRequest),
    ((OperationalError, InterfaceError), errors.Unavailable),
)


def as_app_error(error: Exception) -> AppError:
    """Return what an exception means to the caller; the unforeseen is an `InternalError` without words."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, drf.ValidationError):
        return errors.Invalid(errors=body_errors(error.detail))
    if isinstance(error, ModelValidationError):
        return errors.Invalid(errors=[FieldError("", text) for text in error.messages])
    if isinstance(error, drf.Throttled):
        wait: float | None = getattr(error, "wait", None)
        return errors.TooMany(headers={"Retry-After": str(math.ceil(wait))} if wait is not None else {})
    for classes, ours in _BY_CLASS:
        if isinstance(error, classes):
            return ours(_words(error), headers=_headers(error))
    return errors.InternalError()


def _words(error: Exception) -> str:
    # Only REST framework's own words are meant for callers; Django's and the database's hold internals.
    if isinstance(error, drf.APIException) and isinstance(error.detail, str):
        return str(error.detail)
    return ""


def _headers(error: Exception) -> dict[str, str]:
    challenge = getattr(error, "auth_header", None)
    return {"WWW-Authenticate": challenge} if challenge else {}


def request_id() -> str:
    """Return the id of the request being answered (the middleware binds it for the log), or a new one."""
    return str(structlog.contextvars.get_contextvars().get("request_id") or new_request_id())


def problem_body(error: AppError) -> dict[str, Any]:
    """Return the problem document of an error, titles and fixed remedies in the active language.

    Every member is always there; `code` (and `type`, which holds it) is what programs go by.
    """
    return {
        "type": f"/problems/{error.code}",
        "title": gettext(error.title),
        "status": error.status,
        "code": error.code,
        "detail": gettext(error.detail),
        "remedy": gettext(error.remedy) if error.remedy else "",
        "instance": f"urn:request:{request_id()}",
        "errors": [_field_error(found) for found in error.errors],
    }


def _field_error(found: FieldError) -> dict[str, str]:
    place = {"parameter": found.parameter} if found.parameter else {"pointer": found.pointer}
    return {**place, "detail": gettext(found.detail) if found.detail else "", "code": found.code}


def _all_headers(error: AppError) -> dict[str, str]:
    # RFC 9110 §15.5.2: a 401 names at least one way to authenticate.
    challenge = {"WWW-Authenticate": 'Bearer realm="api"'} if error.status == 401 else {}
    return {**challenge, **error.headers}


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of an API view with a problem document (REST framework's EXCEPTION_HANDLER)."""
    told = as_app_error(error)
    if told.status >= 500:
        _log.error("request_failed", code=told.code, exc_info=error)
    set_rollback()
    return Response(
        problem_body(told), status=told.status, headers=_all_headers(told), content_type=CONTENT_TYPE
    )


def problem_response(error: AppError) -> HttpResponse:
    """Return a problem as a plain Django response, for middleware and views outside REST framework."""
    return HttpResponse(
        orjson.dumps(problem_body(error)),
        status=error.status,
        headers=_all_headers(error),
        content_type=CONTENT_TYPE,
    )


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django could not read."""
    known = as_app_error(exception) if exception else errors.BadRequest()
    return problem_response(known if known.status < 500 else errors.BadRequest())


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django refused."""
    return problem_response(errors.Denied())


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a path that leads nowhere."""
    return problem_response(errors.NotFound("There is nothing at this path."))


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer what broke outside of any view."""
    return problem_response(errors.InternalError())


class CSRFFailed(errors.Denied):
    """A browser's request without a valid CSRF token."""

    code = "csrf_failed"
    title = errors.gettext_noop("The CSRF token is missing or wrong")
    default_remedy = errors.gettext_noop("Send the value of the csrftoken cookie in X-CSRFToken.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a failed CSRF check (CSRF_FAILURE_VIEW); the reason stays in Django's log."""
    return problem_response(CSRFFailed())


def describe(code: str) -> dict[str, Any]:
    """Return what a code means: title, status, explanation and remedy; `NotFound` for no code of ours."""
    found = errors.error_classes().get(code)
    if found is None:
        raise errors.NotFound(gettext("There is no problem {code}.").format(code=code))
    return {
        "type": f"/problems/{code}",
        "code": code,
        "title": gettext(found.title),
        "status": found.status,
        "description": inspect.getdoc(found) or "",
        "remedy": gettext(found.default_remedy) if found.default_remedy else "",
    }


def problem_list(request: HttpRequest) -> HttpResponse:
    """List every problem type (JSON); mount at /problems."""
    found = [describe(code) for code in errors.error_classes()]
    return HttpResponse(orjson.dumps({"data": found}), content_type="application/json")


def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem type, as JSON or, for a browser, as a page; mount at /problems/<code>."""
    try:
        found = describe(code)
    except errors.NotFound as error:
        return problem_response(error)
    if not request.headers.get("Accept", "").startswith("text/html"):
        return HttpResponse(orjson.dumps(found), content_type="application/json")
    lines = "".join(f"<p>{escape(found[part])}</p>" for part in ("description", "remedy") if found[part])
    title = escape(found["title"])
    return HttpResponse(
        f"<!doctype html><title>{title}</title><h1>{title}</h1>"
        f"<p><code>{escape(code)}</code>, HTTP {found['status']}</p>{lines}"
    )
