"""How a request reaches a handler: caller → limits → membership → capability → tenant → idempotency.

`TenantView` serves everything below /clients/{client}/ inside that client's schema and role, `PublicView` the
agency's own endpoints in the public one. A handler has the signature `(self, request, **url kwargs)`, where
the kwargs of a TenantView include `client` (the slug), and returns a Response made of values. What it raises
becomes a problem (config.lib.api.problem). A client outside the caller's memberships answers 404 in the words
used for one that does not exist; a missing capability answers 403; both are noted in the public ledger.

A view declares, by method: `capabilities` (what it needs), `queries` (a QuerySerializer; without one every
query parameter is a 400), `idempotent_methods`, `conditional_methods` and `deprecations`. The API description
follows suit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from config.lib.api.deprecation import Deprecation
from config.lib.api.etag import etag_of, not_modified
from config.lib.api.language import asked_language, content_language, spoken
from config.lib.api.pagination import Fetch, paginate
from config.lib.api.query import QuerySerializer, pick
from config.lib.api.validation import pointer_to
from config.lib.errors import (
    Conflict,
    Denied,
    FieldError,
    Invalid,
    NotFound,
    PreconditionRequired,
    TooMany,
    gettext_noop,
)
from tenants import audit, idempotency, throttling
from tenants.authentication import (
    AccessTokenAuthentication,
    ApiKeyAuthentication,
    SessionCookieAuthentication,
    SessionTokenAuthentication,
    client_address,
)
from tenants.context import use_actor, use_public, use_tenant
from tenants.openapi import EdgeSchema
from tenants.permissions import AgencyCapability, Capability
from tenants.principals import Person, Principal
from tenants.selectors.access import Access, find_access
from tenants.serializers import JobSerializer, job_body
from tenants.types import STAFF_ROLES, ClientRef, ClientState, JobView, Role

__all__ = ["EdgeView", "JobSerializer", "PublicView", "TenantView", "job_body"]

POLL_SECONDS = 2
_VARY = ("Accept", "Accept-Language", "Authorization", "Cookie", "X-Session-Token")


class ClientNotReady(Conflict):
    """The client exists and is the caller's, but is being prepared, suspended or closed."""

    code = "client_not_ready"
    title = gettext_noop("The client is not open for work")


class EdgeView(APIView):
    """What both kinds of view share: who calls, how often they may, and the form of every answer."""

    authentication_classes = (
        ApiKeyAuthentication,
        AccessTokenAuthentication,
        SessionTokenAuthentication,
        SessionCookieAuthentication,
    )
    permission_classes = ()
    throttle_classes = ()
    metadata_class = None
    format_kwarg = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options"]
    schema = EdgeSchema()

    #: Methods that need an Idempotency-Key and are answered once per key.
    idempotent_methods: ClassVar[frozenset[str] | set[str]] = frozenset({"POST"})
    #: Methods that need If-Match; the handler compares it (config.lib.api.etag.require_if_match).
    conditional_methods: ClassVar[frozenset[str] | set[str]] = frozenset({"PATCH", "PUT"})

    #: Methods that will go, and when; said on every answer to them.
    deprecations: ClassVar[Mapping[str, Deprecation]] = {}

    #: The query parameters of each method, read before the handler into `self.query`.
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {}

    #: The validated query parameters of this request.
    query: dict[str, Any]

    _verdict: throttling.Verdict | None = None

    @property
    def principal(self) -> Principal:
        """The caller; only behind authentication, where every handler is."""
        return cast(Principal, self.request.user)

    @property
    def person(self) -> Person:
        """The caller as a person; Denied for a key, which cannot do what only people do."""
        if not isinstance(self.principal, Person):
            raise Denied("An API key cannot do this; a person has to.")
        return self.principal

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer one request; everything, rendering included, happens in the scope that `enter` opened."""
        self.args, self.kwargs = args, kwargs
        wrapped = self.initialize_request(request, *args, **kwargs)
        self.request = wrapped
        self.headers = self.default_response_headers
        if request.method == "OPTIONS":
            # Which methods there are, the API's description tells to anybody; a preflight never comes here.
            return HttpResponse(status=204, headers={"Allow": self.headers["Allow"]})
        with ExitStack() as scope:
            scope.enter_context(use_public())
            try:
                self.initial(wrapped, *args, **kwargs)
                self.enter(scope)
                return self._answer(wrapped)
            except Exception as error:  # noqa: BLE001 - DRF's contract: every exception becomes a problem
                return self._explain(error)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who calls and what they may do; count the request; refuse what is not allowed."""
        try:
            self.perform_authentication(request)
            if request.user is None:
                raise NotAuthenticated
        except (AuthenticationFailed, NotAuthenticated, Denied):
            self._count([(throttling.policy("anonymous"), client_address(request._request))])
            raise
        self._speak(request)
        self.admit(request)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        if request.method in self.conditional_methods and "If-Match" not in request.headers:
            raise PreconditionRequired
        _buffer(request)
        self.query = self.queries.get(_table_method(request), QuerySerializer).read(request)

    def _speak(self, request: Request) -> None:
        """Answer a person in their own language, unless the request asks for one."""
        caller = self.principal
        if isinstance(caller, Person) and asked_language(request._request) is None:
            translation.activate(spoken(caller.locale) or settings.LANGUAGE_CODE)

    def admit(self, request: Request) -> None:
        """Count the request and check the caller's right to it."""
        raise NotImplementedError

    def enter(self, scope: ExitStack) -> None:
        """Open what the handler works in: its actor, and a client's schema."""
        scope.enter_context(use_actor(self.principal.actor))

    def leave(self, response: HttpResponseBase) -> None:
        """Do what follows a handler that succeeded."""

    def body(self, form: type[BaseSerializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The validated body; Invalid names every value that is wrong and every member nobody asked for."""
        serializer = form(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        known = getattr(serializer, "fields", {})
        unknown = sorted(set(self.request.data) - set(known))
        if unknown:
            detail = gettext("Unknown; known are: {names}.").format(names=", ".join(sorted(known)))
            raise Invalid(errors=[FieldError(pointer_to(name), detail, "unknown_member") for name in unknown])
        return cast(dict[str, Any], serializer.validated_data)

    def page(
        self,
        rows: QuerySet[Any, Any] | Fetch,
        *,
        ordering: Sequence[str] = ("-id",),
        shape: Callable[[Mapping[str, Any]], Any] | None = None,
    ) -> Response:
        """The page of `rows` that the request asks for (config.lib.api.pagination), each shown by `shape`.

        Of each row only the members that `fields` names, where the list's query offers it (PageQuery.of).
        """
        page = paginate(rows, self.request, ordering)
        shown = [shape(row) for row in page.rows] if shape else page.rows
        fields = self.query.get("fields")
        return page.response(self.request, [pick(row, fields) for row in shown] if fields else shown)

    def created(self, body: Any, location: str, *, etag: str | None = None) -> Response:
        """201 with the new resource and where it lives."""
        return self._told(Response(body, status=201), location=location, etag=etag)

    def ok(self, body: Any, *, etag: str | None = None) -> Response:
        """200 with a body, and its ETag when the resource has a version."""
        return self._told(Response(body), etag=etag)

    def accepted(self, job: JobView) -> Response:
        """202: the job that does the work, where to ask for it and how soon."""
        response = Response(job_body(job), status=202, headers={"Retry-After": str(POLL_SECONDS)})
        return self._told(response, location=self.job_location(job))

    def job_location(self, job: JobView) -> str:
        """The path of a job of the schema this view works in."""
        return f"/api/v1/jobs/{job.id}"

    def required(self, capabilities: Mapping[str, Any]) -> Any:
        """What the request's method needs by the view's own table; a method it does not name is not there."""
        method = _table_method(self.request)
        if method not in capabilities:
            raise MethodNotAllowed(method)
        return capabilities[method]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what every answer carries: its language, its limits, and what it varies by."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Content-Language", content_language())
        for name, value in (self._verdict.headers() if self._verdict else {}).items():
            answer[name] = value
        patch_vary_headers(answer, _VARY)
        if (deprecation := self.deprecations.get(_table_method(request))) is not None:
            deprecation.tell(answer)
        return answer

    def _count(self, charges: list[tuple[throttling.Policy, str]]) -> None:
        self._verdict = throttling.take(charges)
        if not self._verdict.allowed:
            raise TooMany(headers={"Retry-After": str(self._verdict.retry_after)})

    def _answer(self, request: Request) -> HttpResponseBase:
        if request.method not in self.idempotent_methods:
            return self._conditional(request, self._produce())
        response = idempotency.answer_once(
            request, actor_key=self.principal.key, produce=self._produce, explain=self._explain
        )
        return cast(HttpResponseBase, self.finalize_response(request, response))

    def _produce(self) -> HttpResponse:
        handler = getattr(self, str(self.request.method).lower(), self.http_method_not_allowed)
        response = handler(self.request, *self.args, **self.kwargs)
        self.leave(response)
        return self._rendered(response)

    def _explain(self, error: Exception) -> HttpResponse:
        return self._rendered(self.handle_exception(error))

    def _rendered(self, response: Any) -> HttpResponse:
        answer: Any = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        return cast(HttpResponse, answer.render() if hasattr(answer, "render") else answer)

    def _conditional(self, request: Request, response: HttpResponse) -> HttpResponseBase:
        """304 for what the caller already has; an answer without a version is known by its bytes."""
        if request.method not in ("GET", "HEAD") or response.status_code != 200 or response.streaming:
            return response
        if not response.has_header("ETag"):
            response["ETag"] = etag_of(response.content)
        unchanged = not_modified(request, response["ETag"])
        return self._rendered(unchanged) if unchanged is not None else response

    @staticmethod
    def _told(response: Response, *, location: str | None = None, etag: str | None = None) -> Response:
        if location is not None:
            response["Location"] = location
        if etag is not None:
            response["ETag"] = etag
        return response


class PublicView(EdgeView):
    """An endpoint of the agency itself, in the public schema: `capabilities` says what each method needs."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]]

    def admit(self, request: Request) -> None:
        """Count by caller; Denied without the agency capability of the method."""
        self._count([(throttling.policy("caller"), self.principal.key)])
        needed = self.required(self.capabilities)
        if needed not in self.principal.agency_capabilities:
            with use_actor(self.principal.actor):
                audit.record_denied("agency.denied", target=("capability", needed))
            raise Denied(gettext("This needs the capability {name}.").format(name=needed))


class TenantView(EdgeView):
    """An endpoint of one client: `capabilities` says what each method needs, `looks` what a GET shows."""

    capabilities: ClassVar[Mapping[str, Capability]]
    #: Name of the resource for the audit of looks: one entry per person, resource and hour. None: not noted.
    looks: ClassVar[str | None] = None

    _access: Access

    def in_public(self) -> AbstractContextManager[Any]:
        """A block in the public schema, for what is about the client but not kept in its own."""
        return use_public()

    @property
    def client(self) -> ClientRef:
        """The client that the path names."""
        return self._access.client

    @property
    def membership_role(self) -> Role | None:
        """What the calling person is to the client; None for an API key."""
        return self._access.role

    @property
    def held(self) -> frozenset[Capability]:
        """Everything the caller may do for this client."""
        return self._access.capabilities

    def can(self, capability: Capability) -> bool:
        """Whether the caller also has this capability, for answers that show more to some."""
        return capability in self.held

    def admit(self, request: Request) -> None:
        """Count by caller and client; NotFound outside the memberships; Denied without the capability."""
        slug = str(self.kwargs["client"])
        caller = self.principal
        access = find_access(caller, slug)
        charges = [(throttling.policy("caller"), caller.key)]
        if access is not None:
            charges.append((throttling.policy("client"), str(access.client.id)))
        self._count(charges)
        needed = self.required(self.capabilities)
        if access is None:
            self._note_denial(slug, needed)
            raise NotFound("There is no such client.")
        if needed not in access.capabilities:
            self._note_denial(slug, needed)
            raise Denied(gettext("This needs the capability {name}.").format(name=needed))
        if access.client.state is not ClientState.ACTIVE:
            told = gettext("The client's state is {state}.").format(state=access.client.state)
            raise ClientNotReady(told, headers=_wait(access.client.state))
        self._access = access

    def enter(self, scope: ExitStack) -> None:
        """Work as the caller, in the client's schema and role."""
        super().enter(scope)
        scope.enter_context(use_tenant(self.client))

    def leave(self, response: HttpResponseBase) -> None:
        """Note that somebody of the agency looked."""
        is_look = self.request.method in ("GET", "HEAD") and response.status_code < 300
        if self.looks is not None and is_look and self.membership_role in STAFF_ROLES:
            audit.record_look(self.looks)

    def job_location(self, job: JobView) -> str:
        """The path of a job of this client."""
        return f"{self.base_path}/jobs/{job.id}"

    @property
    def base_path(self) -> str:
        """`/api/v1/clients/{client}`, for Location headers."""
        return f"/api/v1/clients/{self.client.slug}"

    def _note_denial(self, slug: str, needed: Capability) -> None:
        with use_actor(self.principal.actor):
            audit.record_denied("access.denied", target=("client", slug), after={"capability": needed})


def _table_method(request: Request) -> str:
    return "GET" if request.method == "HEAD" else str(request.method)


def _buffer(request: Request) -> None:
    """Read the body now, where Django checks its size; a parser would read the stream beside that check."""
    _ = request._request.body


def _wait(state: ClientState) -> dict[str, str]:
    return {"Retry-After": str(POLL_SECONDS)} if state is ClientState.PREPARING else {}
