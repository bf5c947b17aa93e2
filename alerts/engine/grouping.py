"""What belongs together: an alert's identity, notices that make one message, and who mutes whom."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from alerts.types import AlertState, Notice, Severity

_OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)


def fingerprint(rule_id: int, store_id: int | None, subject: str) -> str:
    """Return the identity of what is alerted: the same rule, store and subject always give the same."""
    # Unit separators cannot occur in ids, so that no two triples run together.
    text = "\x1f".join((str(rule_id), "" if store_id is None else str(store_id), subject))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that is due, with what it is grouped by."""

    alert_id: int
    sequence: int
    notice: Notice
    rule_id: int
    store_id: int | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class Group:
    """Notices of one client that make one message: of one rule and store, saying the same."""

    rule_id: int
    store_id: int | None
    notice: Notice
    members: tuple[Told, ...]

    @property
    def severity(self) -> Severity:
        """The worst of its members'."""
        return max((one.severity for one in self.members), key=tuple(Severity).index)


def group(notices: Iterable[Told]) -> list[Group]:
    """Put notices together by rule, store and what they say, each (alert, sequence) once, in their order.

    An alert that is told of twice in a batch (fired, then resolved) stays in two groups: both are told.
    """
    unique = {(one.alert_id, one.sequence): one for one in notices}
    groups: dict[tuple[int, int | None, Notice], list[Told]] = {}
    for one in sorted(unique.values(), key=lambda each: (each.alert_id, each.sequence)):
        groups.setdefault((one.rule_id, one.store_id, one.notice), []).append(one)
    return [Group(*key, tuple(members)) for key, members in groups.items()]


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


KPI_DETECTORS = frozenset(
    {
        *("kpi_threshold", "kpi_change", "anomaly", "stockout_forecast", "overstock_forecast"),
        *("price_drop", "stock_zero", "clicks", "platform_performance", "logistics"),
    }
)
"""Detectors that judge a store's figures: without fresh data what they say is about the past."""

INHIBITORS: Mapping[str, frozenset[str]] = {
    "credential_expiry": KPI_DETECTORS | {"stale_data"},
    "stale_data": KPI_DETECTORS,
}
"""A firing alert of the detector named first mutes those of the others, of the same store.

An inhibitor without a store (a connection of several) mutes the stores of the whole client.
"""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert of an inhibiting detector, as far as inhibition goes."""

    id: int
    detector: str
    store_id: int | None
    state: AlertState


def inhibited_by(
    detector: str,
    store_id: int | None,
    open_alerts: Collection[OpenAlert],
    inhibitors: Mapping[str, frozenset[str]] = INHIBITORS,
) -> OpenAlert | None:
    """Return the open alert that mutes alerts of a detector and store (the oldest of several), or None.

    One that is pending mutes nobody: it may yet be dismissed.
    """
    found: Sequence[OpenAlert] = [
        one
        for one in open_alerts
        if one.state in _OPEN
        and detector in inhibitors.get(one.detector, ())
        and (one.store_id is None or one.store_id == store_id)
    ]
    return min(found, key=lambda one: one.id, default=None)
