"""What a notice says, as it was when it fell due: kept with each delivery, so that a replay says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerts.types import Notice, Severity


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """One notice of one alert. `observed` and `limit` are in `unit`, `time_zone` is the store's.

    `store` is empty where an alert concerns no single store. `subject` is the alert's own ("sku:MUG-01").
    """

    alert_id: int
    notice: Notice
    sequence: int
    severity: Severity
    title: str
    subject: str
    client: str
    store: str
    observed: Decimal | None
    limit: Decimal | None
    unit: str
    basis: str
    as_of: datetime | None
    occurred_at: datetime
    time_zone: str
    link: str
    evidence: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; amounts as texts, instants in ISO 8601."""
        return {
            "alert_id": self.alert_id,
            "notice": self.notice.value,
            "sequence": self.sequence,
            "severity": self.severity.value,
            "title": self.title,
            "subject": self.subject,
            "client": self.client,
            "store": self.store,
            "observed": _text(self.observed),
            "limit": _text(self.limit),
            "unit": self.unit,
            "basis": self.basis,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "occurred_at": self.occurred_at.isoformat(),
            "time_zone": self.time_zone,
            "link": self.link,
            "evidence": {str(name): str(value) for name, value in self.evidence.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> NoticeFacts:
        """What `to_json` made."""
        return cls(
            **{
                **stored,
                "notice": Notice(stored["notice"]),
                "severity": Severity(stored["severity"]),
                "observed": _number(stored["observed"]),
                "limit": _number(stored["limit"]),
                "as_of": datetime.fromisoformat(stored["as_of"]) if stored["as_of"] else None,
                "occurred_at": datetime.fromisoformat(stored["occurred_at"]),
            }
        )


def _text(number: Decimal | None) -> str | None:
    # Columns pad with zeros and exact numbers do not: both read the same for a program.
    return None if number is None else f"{number.normalize():f}"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
