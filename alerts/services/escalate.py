"""The clock that runs until somebody acknowledges an alert, by the client's contract."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from alerts.engine.escalation import ack_deadline
from alerts.selectors.agreement import Agreements
from alerts.types import Policy, Severity


class AckClock:
    """Says by when what was told has to be acknowledged; the contract is read when it is first asked for."""

    @cached_property
    def _agreements(self) -> Agreements:
        return Agreements()

    def due(self, start: datetime, policy: Policy, severity: Severity) -> datetime:
        """The instant by which somebody has to acknowledge what was told at `start`."""
        return ack_deadline(start, policy, severity, lambda at: self._agreements.at(at).due(at))
