"""The clock that runs until somebody acknowledges an alert, by the client's contract."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from alerts.engine.escalation import ack_deadline
from alerts.engine.sla import Calendar, deadline
from alerts.types import Policy, Severity
from tenants.selectors.contracts import get_contract
from tenants.types import ContractView


class AckClock:
    """Says by when what was told has to be acknowledged; the contract is read when it is first asked for."""

    @cached_property
    def _contract(self) -> ContractView:
        return get_contract()

    def due(self, start: datetime, policy: Policy, severity: Severity) -> datetime:
        """The instant by which somebody has to acknowledge what was told at `start`."""
        return ack_deadline(start, policy, severity, self._agreed)

    def _agreed(self, start: datetime) -> datetime:
        contract = self._contract
        calendar = Calendar(
            time_zone=contract.time_zone,
            opens=contract.opens,
            closes=contract.closes,
            weekdays=frozenset(contract.weekdays),
        )
        return deadline(start, contract.sla_class, calendar)
