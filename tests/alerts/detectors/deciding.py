"""How tests of decisions call a detector: made inputs in, checks out, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.detectors import DETECTORS
from alerts.detectors.known import Known
from alerts.types import Check, Verdict

D = Decimal
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = AT.date()
BREACH, CLEAR, NO_DATA = Verdict.BREACH, Verdict.CLEAR, Verdict.NO_DATA
FRESH = Known(TODAY, AT)
LATE = Known(TODAY - timedelta(days=9), AT - timedelta(days=9), "stale")


def decided(key: str, inputs: Any, **parameters: Any) -> list[Check]:
    """The checks of a detector on made inputs; every one must say what was compared."""
    detector = DETECTORS.get(key)
    checks = detector.decide(inputs, detector.read(parameters))
    assert all(check.basis and len(check.basis) <= 500 and len(check.subject) <= 200 for check in checks)
    return checks


def verdicts(key: str, inputs: Any, **parameters: Any) -> list[Verdict]:
    """Their verdicts."""
    return [check.verdict for check in decided(key, inputs, **parameters)]
