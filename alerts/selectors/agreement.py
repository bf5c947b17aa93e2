"""Which promise and which working hours hold for the current client at an instant, by its contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from alerts.engine.sla import Calendar, ClockState, deadline, spent, state_at
from config.lib.calendars import business_day
from kpis.selectors.rest_days import list_rest_days
from tenants.context import require_client
from tenants.selectors.contracts import contract_of, contract_rows, nothing_agreed
from tenants.types import ContractView, ReportCadence, SlaClass


@dataclass(frozen=True, slots=True)
class Agreement:
    """A promise and the calendar that it is counted by."""

    sla_class: SlaClass
    calendar: Calendar

    def due(self, start: datetime) -> datetime:
        """Until when an answer is owed to what began at `start`."""
        return deadline(start, self.sla_class, self.calendar)

    def state(self, start: datetime, at: datetime) -> ClockState:
        """How a clock that began at `start` stands at `at`, or stood when it was stopped then."""
        return state_at(start, at, self.sla_class, self.calendar)

    def hours(self, start: datetime, end: datetime) -> float:
        """How many hours of the promise's own time passed between two instants."""
        return spent(start, end, self.sla_class, self.calendar).total_seconds() / 3600


class Agreements:
    """Every version of the current client's contract, read once; a clock runs by the one it began under."""

    def __init__(self) -> None:
        self._zone = require_client().time_zone
        rows = contract_rows().order_by("effective_on", "version")
        self._versions = [contract_of(row) for row in rows]
        self._known: dict[int, Agreement] = {}

    def contract_at(self, at: datetime) -> ContractView:
        """The contract in force at an instant, by the client's own day; version 0 while there is none."""
        return self._on(business_day(at, self._zone))

    def _on(self, day: date) -> ContractView:
        found = [each for each in self._versions if each.effective_on and each.effective_on <= day]
        return found[-1] if found else nothing_agreed()

    def cadences(self) -> list[ReportCadence]:
        """Every cadence that was ever agreed."""
        return sorted({cadence for version in self._versions for cadence in version.reports})

    def owes(self, cadence: ReportCadence, on: date) -> bool:
        """Whether a report of this cadence is owed on a day: agreed on it, and within the contract's time."""
        contract = self._on(on)
        if cadence not in contract.reports or contract.start_on is None:
            return False
        return contract.start_on <= on and (contract.end_on is None or on <= contract.end_on)

    def at(self, at: datetime) -> Agreement:
        """The promise in force at an instant."""
        contract = self.contract_at(at)
        if contract.version not in self._known:
            self._known[contract.version] = agreement_of(contract)
        return self._known[contract.version]


def agreement_of(contract: ContractView) -> Agreement:
    """The promise of a contract."""
    calendar = Calendar(
        time_zone=contract.time_zone,
        opens=contract.opens,
        closes=contract.closes,
        weekdays=frozenset(contract.weekdays),
        holidays=list_rest_days(contract.holiday_market),
    )
    return Agreement(contract.sla_class, calendar)
