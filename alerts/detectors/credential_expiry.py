"""An authorisation at a platform that does not work any more, or ends soon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import integer, words
from alerts.engine.saying import say
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop
from connectors.selectors.connections import CONNECTION_COLUMNS, connections_query, to_view
from connectors.types import ConnectionState
from connectors.values import ConnectionView


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    ends: tuple[str, ...] = words(
        "Known ends of authorisations, as connection id and last day: 12 2027-03-01. No platform tells them."
    )
    days_before: int = integer("So many days before the end it is told.", 30, low=1, high=365)

    def faults(self) -> list[tuple[str, str]]:
        """Ends that cannot be read."""
        return [("ends", f"{each!r} is no end.") for each in self.ends if read_end(each) is None]


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection with the stores that hang on it, each its own subject's place."""

    view: ConnectionView
    store_id: int | None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The connections of the client."""

    at: datetime
    connections: tuple[Connection, ...]


class CredentialExpiry(Detector[Parameters, Inputs]):
    """See the module."""

    key = "credential_expiry"
    title = gettext_noop("Connection needs attention")
    meaning = gettext_noop("A platform refuses a connection, or its authorisation ends soon.")
    parameters = Parameters
    severity = Severity.CRITICAL
    cadence = timedelta(minutes=30)
    listens = frozenset({"connectors.attention_needed"})

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """One statement."""
        rows = scope.reads.once(
            "connections", lambda: list(connections_query().values(*CONNECTION_COLUMNS).order_by("id"))
        )
        views = [to_view(row) for row in rows]
        stores: dict[int, list[int | None]] = {}
        for store in scope.stores:
            stores.setdefault(store.connection_id, []).append(store.id)
        return Inputs(
            scope.at,
            tuple(
                Connection(view, store_id)
                for view in views
                if view.state is not ConnectionState.REVOKED
                for store_id in stores.get(view.id, [None])
            ),
        )

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Judge the state and the stated end of each connection, once for every store it feeds."""
        ends = dict(end for each in parameters.ends if (end := read_end(each)) is not None)
        return [
            check
            for each in inputs.connections
            for check in _checks(each, ends.get(each.view.id), inputs.at, parameters)
        ]


def read_end(text: str) -> tuple[int, date] | None:
    """Read "12 2027-03-01"; None if it is none."""
    number, _, day = text.partition(" ")
    try:
        return int(number), date.fromisoformat(day.strip())
    except ValueError:
        return None


def _checks(each: Connection, ends_on: date | None, at: datetime, asked: Parameters) -> Iterable[Check]:
    view = each.view
    attention = view.attention or {}
    is_lost = view.state is ConnectionState.NEEDS_ATTENTION
    basis, evidence = say(
        gettext_noop("Connection {name} ({platform}) is {state}. {message}"),
        name=view.name,
        platform=view.platform,
        state=view.state.value,
        message=attention.get("message", ""),
    )
    evidence |= {"code": attention.get("code", ""), "since": attention.get("since", "")} if attention else {}
    yield Check(
        subject=f"connection:{view.id}",
        verdict=Verdict.BREACH if is_lost else Verdict.CLEAR,
        store_id=each.store_id,
        observed=None,
        limit=None,
        unit="state",
        basis=basis.strip(),
        as_of=at,
        evidence=evidence,
    )
    if ends_on is None:
        return
    left = (ends_on - at.astimezone(UTC).date()).days
    basis, evidence = say(
        gettext_noop("The authorisation of connection {name} ends on {ends_on}: {left} days are left."),
        name=view.name,
        ends_on=ends_on,
        left=left,
    )
    yield Check(
        subject=f"authorisation:{view.id}",
        verdict=Verdict.BREACH if left <= asked.days_before else Verdict.CLEAR,
        store_id=each.store_id,
        observed=Decimal(left),
        limit=Decimal(asked.days_before),
        unit="days",
        basis=basis,
        as_of=at,
        severity=Severity.WARNING if left > 7 else None,
        evidence=evidence,
    )


DETECTOR = CredentialExpiry()
