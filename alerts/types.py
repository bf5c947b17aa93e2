"""What the alerts app passes between its layers: frozen values, no rows.

Instants are aware, days are the store's shop days, shares are fractions. A subject names what an alert
is about inside its rule ("kpi:acos", "sku:MUG-01", "stream:orders"); with rule and store it is the
alert's fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much hangs on it. CRITICAL wakes whoever is on duty; a REQUIRED rule must reach somebody."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Verdict(StrEnum):
    """What a check says of one subject."""

    BREACH = "breach"
    CLEAR = "clear"
    NO_DATA = "no_data"
    """Data are missing, late or provisional: the alert keeps its state, and nobody is told by this rule."""


class AlertState(StrEnum):
    """Where an alert stands; see `alerts.engine.lifecycle` for the permitted moves."""

    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


LIVE_STATES = (AlertState.PENDING, AlertState.FIRING, AlertState.ACKNOWLEDGED)


class Notice(StrEnum):
    """What people are told of an alert."""

    FIRED = "fired"
    STILL_FIRING = "still_firing"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Check:
    """What a detector found out about one subject; pure data, so that it can be replayed on history.

    `observed` and `limit` are in `unit` (a kpis unit, a currency, "days", "count"). `basis` says in a
    sentence what was compared with what; `evidence` carries figures and links by name.
    """

    subject: str
    verdict: Verdict
    store_id: int | None
    observed: Decimal | None
    limit: Decimal | None
    unit: str
    basis: str
    as_of: datetime | None
    severity: Severity | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """How checks become notices.

    An alert fires when `breaches` of the last `of_checks` checks were breaches and the first of them is
    `pending_minutes` old; it resolves after `clear_checks` clear ones in a row (hysteresis by limits is the
    detector's). While it fires it is repeated every `repeat_hours` (0: never); one that comes back within
    `flap_hold_minutes` of its resolve is held back. With `is_once` it fires once until somebody resets it.
    """

    breaches: int = 1
    of_checks: int = 1
    clear_checks: int = 1
    pending_minutes: int = 0
    repeat_hours: int = 24
    flap_hold_minutes: int = 60
    escalate_after_hours: Decimal | None = None
    is_once: bool = False


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in force: which detector asks what of which stores, and how its answers become alerts.

    `store_ids` empty: every store of the client. `parameters` were checked by the detector's own schema.
    """

    id: int
    version: int
    key: str
    detector: str
    title: str
    store_ids: tuple[int, ...]
    parameters: Mapping[str, Any]
    severity: Severity
    policy: Policy
    owner: str
    is_required: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One notice, rendered for one person in one language, for any channel."""

    subject: str
    text: str
    html: str
    link: str
    severity: Severity
    notice: Notice
    alert_id: int
    facts: tuple[tuple[str, str], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    """The same for a program: names and figures that no language changes."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel says after a delivery: the id it gave, and what it answered (never a secret)."""

    reference: str
    answer: str = ""


class ChannelState(StrEnum):
    """Whether a channel is used: BROKEN refused something for good, DISABLED a person turned off."""

    ACTIVE = "active"
    BROKEN = "broken"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    """What became of a delivery; FAILED was refused for good, DEAD was tried often enough."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"


class DeliveryFault(StrEnum):
    """Why a delivery did not go out."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    UNAUTHORISED = "unauthorised"
    GONE = "gone"
    BLOCKED_ADDRESS = "blocked_address"
    CHANNEL_OFF = "channel_off"
    NOBODY = "nobody"
    """Nobody could be found to tell."""


SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)
"""From the least severe to the most."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to tell one recipient: `channel_id` 0 by the mail address they log in with, `recipient_id` 0
    for a shared channel."""

    channel_id: int
    recipient_id: int
    language: str
