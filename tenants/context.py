"""Who acts for whom: the chosen client, the actor and the request, in context variables.

`use_tenant` and `use_public` are the only ways to choose whose data is touched. Only tenants.http,
tenants.tasking, management commands and tests call them. They nest, restore what was chosen before, and when
the outermost ends the connection is put on a role that may read nothing.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from types import FrameType, TracebackType

from django.db import DEFAULT_DB_ALIAS, DataError, connection, connections
from django.db.utils import DatabaseError
from psycopg.errors import InvalidParameterValue

from config.lib.errors import NotFound
from tenants.db.base import DatabaseWrapper
from tenants.db.errors import NoTenantChosen, TenantScopeError
from tenants.db.scope import PUBLIC, Scope, active, scope_of
from tenants.types import Actor, ActorKind, ClientRef, ClientState

PROVIDER = ClientRef(id=0, slug="", schema_name=PUBLIC.schema)
SYSTEM = Actor(ActorKind.SYSTEM, None, "system")

_client: ContextVar[ClientRef | None] = ContextVar("tenants_client", default=None)
_actor: ContextVar[Actor] = ContextVar("tenants_actor", default=SYSTEM)
_request_id: ContextVar[str] = ContextVar("tenants_request_id", default="")

_GENERATORS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class _Switch(AbstractContextManager[ClientRef]):
    """Chooses on entry, restores on exit."""

    def __init__(self, scope: Scope, client: ClientRef | None) -> None:
        self._scope = scope
        self._ref = client
        self._tokens: tuple[Token[Scope | None], Token[ClientRef | None]] | None = None

    def __enter__(self) -> ClientRef:
        _refuse_generator(sys._getframe(1))
        if self._tokens is not None:
            raise TenantScopeError("this switch is in use already: make a new one for each block")
        self._tokens = (active.set(self._scope), _client.set(self._ref))
        if self._ref is None:
            try:
                self._ref = _load_client(self._scope.client_id)
            except BaseException:
                self._leave()
                raise
            _client.set(self._ref)
        return self._ref

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._tokens is None:
            raise TenantScopeError("this switch was left twice")
        scope_token, client_token = self._tokens
        self._tokens = None
        active.reset(scope_token)
        _client.reset(client_token)
        if active.get() is None:
            _rest_connections()


def use_tenant(client: ClientRef | int) -> AbstractContextManager[ClientRef]:
    """Work for one client inside the block. An id is looked up (`NotFound` when there is no such client)."""
    if isinstance(client, ClientRef):
        return use_public() if client.id == 0 else _Switch(scope_of(client.id), client)
    return use_public() if client == 0 else _Switch(scope_of(client), None)


def use_public() -> AbstractContextManager[ClientRef]:
    """Work in the public schema inside the block: people, memberships, the provider's own ledger."""
    return _Switch(PUBLIC, PROVIDER)


def current_client() -> ClientRef | None:
    """The client that is worked for; None in the public schema and where nobody is chosen."""
    client = _client.get()
    return None if client is None or client.id == 0 else client


def require_client() -> ClientRef:
    """The client that is worked for; `NoTenantChosen` where there is none."""
    client = current_client()
    if client is None:
        raise NoTenantChosen
    return client


def current_ledger() -> ClientRef:
    """Whose ledger is written: the client's, or the provider's (id 0) in the public schema."""
    client = _client.get()
    if client is None:
        raise NoTenantChosen
    return client


@contextmanager
def use_actor(actor: Actor) -> Iterator[Actor]:
    """Say who acts inside the block; audit entries and jobs name them."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


def current_actor() -> Actor:
    """Who acts; the product itself when nobody was named."""
    return _actor.get()


@contextmanager
def use_request_id(value: str) -> Iterator[str]:
    """Name the request that the block answers (or that caused the task)."""
    token = _request_id.set(value)
    try:
        yield value
    finally:
        _request_id.reset(token)


def request_id() -> str:
    """The id of the request that is answered, empty outside of one."""
    return _request_id.get()


def _refuse_generator(frame: FrameType) -> None:
    """A generator that chooses a client and yields would leave its *caller* on that client between yields."""
    if frame.f_code.co_flags & _GENERATORS:
        raise TenantScopeError(
            f"{frame.f_code.co_qualname} is a generator: its caller would work for this client between two "
            "yields. Let the caller choose; a fixture or context manager uses "
            "contextlib.ExitStack().enter_context(use_tenant(...))."
        )


def _load_client(client_id: int) -> ClientRef:
    """Read a client's own row, as that client's own role."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select slug, name, reporting_currency, time_zone, week_start, state"
                " from tenants_client where id = %s",
                [client_id],
            )
            row = cursor.fetchone()
    except DatabaseError as error:
        # There is no such role: the client was never provisioned.
        if isinstance(error, DataError) and isinstance(error.__cause__, InvalidParameterValue):
            raise NotFound(f"there is no client {client_id}") from error
        raise
    if row is None:
        raise NotFound(f"there is no client {client_id}")
    slug, name, currency, time_zone, week_start, state = row
    return ClientRef(
        id=client_id,
        slug=slug,
        schema_name=scope_of(client_id).schema,
        name=name,
        reporting_currency=currency,
        time_zone=time_zone,
        week_start=week_start,
        state=ClientState(state),
    )


def _rest_connections() -> None:
    for wrapper in connections.all(initialized_only=True):
        if isinstance(wrapper, DatabaseWrapper) and wrapper.alias == DEFAULT_DB_ALIAS:
            wrapper.rest()
