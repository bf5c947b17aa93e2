"""Which part of a list is shown: pages by keyset, named by opaque cursors, never by offset.

A page is found by the values of the row before it, so it costs the same at the end of a list as at its start,
and rows that come or go meanwhile neither repeat nor hide others. The ordering must end in a unique column
and hold no nulls.
"""

from __future__ import annotations

import hmac
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.errors import BadCursor, BadRequest, FieldError
from config.lib.ids import decode_cursor, encode_cursor

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
#: Parameters that choose the page or its form, not the rows: a cursor is not bound to them.
PAGE_PARAMETERS = frozenset({"limit", "cursor", "count", "fields"})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Keyset:
    """Where a page begins: the ordering, the row beside it (None at the very start) and the direction.

    `ordering` is as in Django ("-business_on", "id"). `backwards` asks for the rows *before* `position`,
    nearest first; whoever fetches follows `order_by` and need not reverse anything.
    """

    ordering: tuple[str, ...]
    position: tuple[Any, ...] | None = None
    backwards: bool = False

    @property
    def columns(self) -> tuple[tuple[str, bool], ...]:
        """Each column with whether it descends when fetched (turned round when going backwards)."""
        return tuple((name.lstrip("-"), name.startswith("-") != self.backwards) for name in self.ordering)

    @property
    def order_by(self) -> tuple[str, ...]:
        """The ordering to fetch in."""
        return tuple(f"-{name}" if descends else name for name, descends in self.columns)

    def condition(self) -> Q:
        """The rows beyond the position, as a condition of the ORM; everything when there is none."""
        if self.position is None:
            return Q()
        steps = []
        equal = Q()
        for (name, descends), value in zip(self.columns, self.position, strict=True):
            steps.append(equal & Q(**{f"{name}__{'lt' if descends else 'gt'}": value}))
            equal &= Q(**{name: value})
        # Implied by the steps, but the one form of it that an index on the first column can use.
        first, descends = self.columns[0]
        bound = Q(**{f"{first}__{'lte' if descends else 'gte'}": self.position[0]})
        return bound & reduce(operator.or_, steps)

    def sql(self, expressions: Mapping[str, str]) -> tuple[str, list[Any], str]:
        """The same for hand-written SQL: condition, its parameters, and what follows ORDER BY.

        `expressions` gives the SQL of each ordering column; it is code, never input.
        """
        order = ", ".join(f"{expressions[name]} {'DESC' if down else 'ASC'}" for name, down in self.columns)
        if self.position is None:
            return "TRUE", [], order
        steps: list[str] = []
        parameters: list[Any] = [self.position[0]]
        first, descends = self.columns[0]
        bound = f"{expressions[first]} {'<=' if descends else '>='} %s"
        for index, (name, down) in enumerate(self.columns):
            equal = [f"{expressions[before]} = %s" for before, _ in self.columns[:index]]
            steps.append(" AND ".join([*equal, f"{expressions[name]} {'<' if down else '>'} %s"]))
            parameters += self.position[: index + 1]
        return f"({bound} AND ({' OR '.join(f'({step})' for step in steps)}))", parameters, order


Fetch = Callable[[Keyset, int], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows in the list's order and the cursors of its neighbours."""

    rows: list[Row]
    limit: int
    next: str | None
    prev: str | None
    count: int | None = None

    def body(self, data: Sequence[Any] | None = None) -> dict[str, Any]:
        """Return the envelope {"data": […], "page": {next, prev, limit[, count]}}.

        `data` are the rows as they are shown, when that is not as they were fetched.
        """
        page: dict[str, Any] = {"next": self.next, "prev": self.prev, "limit": self.limit}
        if self.count is not None:
            page["count"] = self.count
        return {"data": list(self.rows if data is None else data), "page": page}

    def link(self, request: Request) -> str:
        """Return the Link header (RFC 8288): the neighbours' addresses, every other parameter kept."""
        links = []
        for relation, cursor in (("next", self.next), ("prev", self.prev)):
            if cursor is not None:
                query = request._request.GET.copy()
                query["cursor"] = cursor
                links.append(f'<{request.path}?{query.urlencode()}>; rel="{relation}"')
        return ", ".join(links)

    def response(self, request: Request, data: Sequence[Any] | None = None) -> Response:
        """Return the whole answer: envelope and Link header."""
        link = self.link(request)
        return Response(self.body(data), headers={"Link": link} if link else None)


@dataclass(frozen=True, slots=True)
class CursorPage:
    """What a request says about the page it wants: `limit` (1 to 200, 50 unless told), `cursor`, `count`."""

    limit: int
    cursor: str | None
    wants_count: bool

    @classmethod
    def read(cls, request: Request) -> CursorPage:
        """Read the page parameters of a request; `BadRequest` names the one that cannot be read."""
        given = request.query_params
        limit = given.get("limit", str(DEFAULT_LIMIT))
        if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= LARGEST_LIMIT):
            raise _unreadable(
                "limit",
                gettext("It must be a whole number from 1 to {largest}.").format(largest=LARGEST_LIMIT),
            )
        if given.get("count", "exact") != "exact":
            raise _unreadable("count", gettext("It can only be: exact."))
        return cls(int(limit), given.get("cursor") or None, "count" in given)


def _unreadable(parameter: str, detail: str) -> BadRequest:
    return BadRequest(
        gettext("The parameter {parameter} cannot be read.").format(parameter=parameter),
        errors=[FieldError("", detail, parameter=parameter)],
    )


def paginate(
    source: QuerySet[Any, Any] | Fetch,
    request: Request,
    ordering: Sequence[str] = ("-id",),
    *,
    count: Callable[[], int] | None = None,
) -> Page:
    """Return the page of a list that a request asks for.

    `source` is a queryset of `.values()` (with the ordering's columns among them) or a function that is given
    a `Keyset` and a number and fetches that many rows. `ordering` must end in a unique column; directions may
    differ. A cursor holds for this path, ordering and filters only: with any other it is a `BadCursor`
    (400). `count` counts for `?count=exact` where the source is a function.
    """
    wanted = CursorPage.read(request)
    order = tuple(ordering)
    binding = _binding(request, order)
    keyset = _keyset(wanted.cursor, order, binding)
    fetch = _from_queryset(source) if isinstance(source, QuerySet) else source
    found = list(fetch(keyset, wanted.limit + 1))
    has_more = len(found) > wanted.limit
    rows = found[: wanted.limit]
    if keyset.backwards:
        rows.reverse()
    has_next = bool(rows) and (has_more or keyset.backwards)
    has_prev = bool(rows) and (has_more if keyset.backwards else keyset.position is not None)
    total = None
    if wanted.wants_count:
        total = source.count() if isinstance(source, QuerySet) else count() if count else None
        if total is None:
            raise _unreadable("count", "This list is not counted.")
    return Page(
        rows=rows,
        limit=wanted.limit,
        next=_cursor(rows[-1], order, "next", binding) if has_next else None,
        prev=_cursor(rows[0], order, "prev", binding) if has_prev else None,
        count=total,
    )


def from_rows(rows: Sequence[Row]) -> Fetch:
    """Fetch from a list that is worked out and held in memory, such as one of a row per client."""

    def fetch(keyset: Keyset, limit: int) -> Sequence[Row]:
        found = list(rows)
        # By the last column first: sorting is stable, and each column has its own direction.
        for name, descends in reversed(keyset.columns):
            found.sort(key=operator.itemgetter(name), reverse=descends)
        if keyset.position is not None:
            found = [row for row in found if _is_beyond(row, keyset)]
        return found[:limit]

    return fetch


def _is_beyond(row: Row, keyset: Keyset) -> bool:
    for (name, descends), value in zip(keyset.columns, keyset.position or (), strict=True):
        if row[name] != value:
            return bool(row[name] < value if descends else row[name] > value)
    return False


def _from_queryset(queryset: QuerySet[Any, Any]) -> Fetch:
    def fetch(keyset: Keyset, limit: int) -> Sequence[Row]:
        return list(queryset.filter(keyset.condition()).order_by(*keyset.order_by)[:limit])

    return fetch


def _binding(request: Request, ordering: tuple[str, ...]) -> bytes:
    filters = sorted(
        (name, value)
        for name, values in request.query_params.lists()
        if name not in PAGE_PARAMETERS
        for value in values
    )
    return orjson.dumps([request.path, ordering, filters])


# A cursor is signed, not to keep it secret but so that whatever arrives in a condition was a value of a row.
def _signature(binding: bytes, direction: str, values: list[list[Any]]) -> str:
    signed = binding + orjson.dumps([direction, values])
    return salted_hmac("config.lib.api.pagination", signed, algorithm="sha256").hexdigest()[:24]


def _cursor(row: Row, ordering: tuple[str, ...], direction: str, binding: bytes) -> str:
    values = [_pack(row[name.lstrip("-")], name) for name in ordering]
    return encode_cursor({"d": direction, "p": values, "s": _signature(binding, direction, values)})


def _keyset(cursor: str | None, ordering: tuple[str, ...], binding: bytes) -> Keyset:
    if cursor is None:
        return Keyset(ordering)
    found = decode_cursor(cursor)
    direction, values, signature = found.get("d"), found.get("p"), found.get("s")
    if not isinstance(direction, str) or not isinstance(values, list) or not isinstance(signature, str):
        raise BadCursor
    if not hmac.compare_digest(signature.encode(), _signature(binding, direction, values).encode()):
        raise BadCursor("The cursor is damaged or belongs to another list, order or filter.")
    position = tuple(_UNPACK[kind](text) for kind, text in values)
    return Keyset(ordering, position, backwards=direction == "prev")


_UNPACK: Mapping[str, Callable[[Any], Any]] = {
    "j": lambda value: value,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "u": UUID,
}


def _pack(value: Any, name: str) -> list[Any]:
    if isinstance(value, bool | int | str):
        return ["j", value]
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    if isinstance(value, UUID):
        return ["u", str(value)]
    raise TypeError(f"{name} cannot order a paged list: {value!r} is neither text, number nor date")
