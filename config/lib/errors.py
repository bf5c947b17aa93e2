"""Which errors there are: a class is one stable code, one HTTP status and one thing to do next.

    AppError
    ├── BadRequest            400  bad_request              mend the request's form
    │   └── BadCursor         400  bad_cursor               start again from the first page
    ├── Unauthenticated       401  not_authenticated        sign in or send a key
    ├── Denied                403  permission_denied        ask for the capability
    ├── NotFound              404  not_found                nothing there, or not for you
    ├── MethodNotAllowed      405  method_not_allowed       see the Allow header
    ├── NotAcceptable         406  not_acceptable           accept application/json
    ├── Conflict              409  conflict                 read the present state, then decide
    ├── PreconditionFailed    412  precondition_failed      read again, then write with the new ETag
    ├── PayloadTooLarge       413  payload_too_large        send less at once
    ├── UnsupportedMediaType  415  unsupported_media_type   send application/json
    ├── Invalid               422  invalid                  mend the values named in `errors`
    ├── PreconditionRequired  428  precondition_required    send If-Match
    ├── TooMany               429  too_many_requests        wait for Retry-After
    ├── InternalError         500  internal_error           our fault; quote the request id
    └── Unavailable           503  unavailable              try again later

A narrower error is a subclass with its own `code` (beside the code that raises it); it is registered by being
defined, so the list in the API description is complete. Titles are English message ids, translated at the
HTTP edge; codes never change and are never translated. This module imports nothing of Django: pure code
raises these errors too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar


def gettext_noop(text: str) -> str:
    """Mark a message for translation (makemessages knows the name) without translating it here."""
    return text


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one value of a request.

    `pointer` is a JSON pointer into the body (RFC 6901: "/lines/0/amount", "" for the whole body);
    `parameter` names a query or path parameter instead. `code` is stable, `detail` is for a person.
    """

    pointer: str
    detail: str
    code: str = "invalid"
    parameter: str = ""


_CODES: dict[str, type[AppError]] = {}


class AppError(Exception):
    """An error with a meaning for the caller; the base of all errors we raise on purpose.

    `detail` says what happened in this case, `remedy` what to do about it; both are shown to the caller, so
    neither may hold a secret. `errors` are the single faults, `headers` go out with the HTTP answer.
    `permanent` tells a worker that trying again cannot help.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = gettext_noop("Error")
    status: ClassVar[int] = 500
    default_remedy: ClassVar[str] = ""
    permanent: bool = False

    def __init__(
        self,
        detail: str = "",
        *,
        remedy: str = "",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        permanent: bool | None = None,
    ) -> None:
        self.detail = detail or self.title
        self.remedy = remedy or self.default_remedy
        self.errors: list[FieldError] = list(errors)
        self.headers: dict[str, str] = dict(headers or {})
        if permanent is not None:
            self.permanent = permanent
        super().__init__(self.detail)

    def __init_subclass__(cls) -> None:
        """Register the class under its own code; a code belongs to exactly one class."""
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            return
        known = _CODES.get(cls.code)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"error code {cls.code!r} of {cls!r} already belongs to {known!r}")
        _CODES[cls.code] = cls

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" + (f" ({self.remedy})" if self.remedy else "")


def error_classes() -> dict[str, type[AppError]]:
    """Return every code with its class, sorted by code."""
    return dict(sorted(_CODES.items()))


class BadRequest(AppError):
    """The request cannot be understood: malformed body, unknown or unreadable parameter."""

    code = "bad_request"
    title = gettext_noop("The request cannot be understood")
    status = 400
    permanent = True


class BadCursor(BadRequest):
    """A page cursor is damaged, or belongs to a list with another order or other filters."""

    code = "bad_cursor"
    title = gettext_noop("The page cursor does not belong to this list")
    default_remedy = gettext_noop("Start again from the first page, without a cursor.")


class Unauthenticated(AppError):
    """Nobody is signed in, or the key or token is not valid (any more)."""

    code = "not_authenticated"
    title = gettext_noop("Sign in first")
    status = 401
    permanent = True


class Denied(AppError):
    """Whoever asks may see the resource, but not do this to it."""

    code = "permission_denied"
    title = gettext_noop("You may not do this")
    status = 403
    permanent = True


class NotFound(AppError):
    """There is no such thing, or none that the caller may know of."""

    code = "not_found"
    title = gettext_noop("Not found")
    status = 404
    permanent = True


class MethodNotAllowed(AppError):
    """The resource exists but does not know this method."""

    code = "method_not_allowed"
    title = gettext_noop("The resource does not know this method")
    status = 405
    permanent = True


class NotAcceptable(AppError):
    """The caller accepts none of the formats we can answer in."""

    code = "not_acceptable"
    title = gettext_noop("None of the accepted formats is available")
    status = 406
    permanent = True
    default_remedy = gettext_noop("Accept application/json.")


class Conflict(AppError):
    """The present state of the resource does not allow this."""

    code = "conflict"
    title = gettext_noop("The present state does not allow this")
    status = 409


class PreconditionFailed(AppError):
    """Somebody changed the resource since it was read."""

    code = "precondition_failed"
    title = gettext_noop("The resource has changed since you read it")
    status = 412
    permanent = True
    default_remedy = gettext_noop("Read it again and repeat the change with its new ETag in If-Match.")


class PayloadTooLarge(AppError):
    """The body is larger than this endpoint takes."""

    code = "payload_too_large"
    title = gettext_noop("The body is too large")
    status = 413
    permanent = True


class UnsupportedMediaType(AppError):
    """The body has a media type that this endpoint does not read."""

    code = "unsupported_media_type"
    title = gettext_noop("The media type of the body is not supported")
    status = 415
    permanent = True


class Invalid(AppError):
    """The request is well formed, but its values break a rule; `errors` names each."""

    code = "invalid"
    title = gettext_noop("Some values are not valid")
    status = 422
    permanent = True


class PreconditionRequired(AppError):
    """The change needs an If-Match header, so that nobody's work is overwritten unseen."""

    code = "precondition_required"
    title = gettext_noop("If-Match is required")
    status = 428
    permanent = True
    default_remedy = gettext_noop("Read the resource and send its ETag in If-Match.")


class TooMany(AppError):
    """The caller asks too often; `headers` carries Retry-After."""

    code = "too_many_requests"
    title = gettext_noop("Too many requests")
    status = 429
    default_remedy = gettext_noop("Wait as long as Retry-After says.")


class InternalError(AppError):
    """Something broke on our side; nothing of it is shown but the request id."""

    code = "internal_error"
    title = gettext_noop("Something went wrong on our side")
    status = 500
    default_remedy = gettext_noop("Try again; if it stays, tell us the request id.")


class Unavailable(AppError):
    """Something we depend on does not answer at the moment."""

    code = "unavailable"
    title = gettext_noop("Temporarily unavailable")
    status = 503
    default_remedy = gettext_noop("Try again later.")
