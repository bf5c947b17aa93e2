"""What belongs together: an alert's identity, what a silence covers, and which alerts mute which.

Notices that are due together for one person go out as one message; alerts.services.send puts them together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from alerts.types import AlertState, Severity

_OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)


def fingerprint(rule_id: int, store_id: int | None, subject: str) -> str:
    """Return the identity of what is alerted: the same rule, store and subject always give the same."""
    # Unit separators cannot occur in ids, so that no two triples run together.
    text = "\x1f".join((str(rule_id), "" if store_id is None else str(store_id), subject))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Matcher:
    """What a silence covers: each list that is not empty has to match; `*` in a subject means anything."""

    rules: tuple[str, ...] = ()
    store_ids: tuple[int, ...] = ()
    subjects: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    def covers(self, *, rule: str, store_id: int | None, subject: str, severity: Severity) -> bool:
        """Whether an alert is silenced by it; an alert without a store is of no listed store."""
        return (
            (not self.rules or rule in self.rules)
            and (not self.store_ids or store_id in self.store_ids)
            and (not self.subjects or any(_is_like(subject, pattern) for pattern in self.subjects))
            and (not self.severities or severity in self.severities)
        )


def _is_like(subject: str, pattern: str) -> bool:
    # Subjects are SKUs and the like, in which brackets and question marks are just that.
    return fnmatchcase(subject, pattern.replace("[", "[[]").replace("?", "[?]"))


FIGURES = frozenset({"kpi_threshold", "kpi_change", "anomaly"})
STOCK = frozenset({"stock_zero", "stock_out_forecast", "over_stock"})
PRICES = frozenset({"price_drop", "price_deviation", "below_floor"})


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """Alerts of `detector` whose subject begins with `subject` mute those of the `muted` ones, per store."""

    detector: str
    subject: str
    muted: frozenset[str]


INHIBITORS: tuple[Inhibitor, ...] = (
    Inhibitor(
        "credential_expiry",
        "connection:",
        FIGURES
        | STOCK
        | PRICES
        | {"stale_data", "abnormal_clicks", "account_performance", "bad_reviews", "logistics_chain"},
    ),
    Inhibitor("stale_data", "stream:orders", FIGURES | {"stock_out_forecast", "over_stock"}),
    Inhibitor("stale_data", "stream:finances", FIGURES),
    Inhibitor("stale_data", "stream:traffic", FIGURES),
    Inhibitor("stale_data", "stream:inventory", FIGURES | STOCK),
    Inhibitor("stale_data", "stream:listings", PRICES),
    Inhibitor("stale_data", "stream:offers", PRICES),
    Inhibitor("stale_data", "stream:sp_advertised_product", FIGURES | {"abnormal_clicks"}),
    Inhibitor("stale_data", "stream:account_health", frozenset({"account_performance"})),
    Inhibitor("stale_data", "stream:seller_feedback", frozenset({"bad_reviews"})),
)
"""A lost connection mutes all that is known through it, a stale stream what is judged by its data.

An authorisation that merely ends soon, or a file that somebody owes, mutes nothing.
"""

INHIBITING = frozenset(each.detector for each in INHIBITORS)


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert of an inhibiting detector, as far as inhibition goes."""

    id: int
    detector: str
    subject: str
    store_id: int | None
    state: AlertState


def inhibited_by(detector: str, store_id: int | None, open_alerts: Collection[OpenAlert]) -> OpenAlert | None:
    """Return the open alert that mutes alerts of a detector and store (the oldest of several), or None.

    One that is pending mutes nobody: it may yet be dismissed. One without a store mutes what has none either.
    """
    found = [
        one
        for one in open_alerts
        if one.state in _OPEN and one.store_id == store_id and _mutes(one, detector)
    ]
    return min(found, key=lambda one: one.id, default=None)


def _mutes(one: OpenAlert, detector: str) -> bool:
    return any(
        one.detector == each.detector and one.subject.startswith(each.subject) and detector in each.muted
        for each in INHIBITORS
    )
