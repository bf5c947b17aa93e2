"""What was agreed with the current client: the version in force on a day, and all of them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from config.lib import clock
from tenants.context import require_client
from tenants.models import Contract
from tenants.selectors.people import Rows
from tenants.types import ContractModule, ContractView, ReportCadence, SlaClass

_COLUMNS = tuple(field.name for field in fields(ContractView))
_OFFICE_OPENS, _OFFICE_CLOSES = 9 * 60, 18 * 60
_WORKING_WEEK = (1, 2, 3, 4, 5)


def get_contract(on: date | None = None) -> ContractView:
    """Return the contract of the current client in force on a day of its own zone, today unless told.

    While none is in force it is version 0: nothing agreed, and the standard promise in the client's zone.
    """
    client = require_client()
    day = on or clock.today(client.time_zone)
    row = contract_rows().filter(effective_on__lte=day).order_by("-effective_on", "-version").first()
    return nothing_agreed() if row is None else contract_of(row)


def latest_contract_version() -> int:
    """Return the number of the current client's last recorded version, in force or not; 0 for none."""
    newest = contract_rows().order_by("-version").first()
    return newest["version"] if newest else 0


def contract_rows() -> Rows:
    """The columns of `ContractView` of the current client's versions, unordered, for paging."""
    # A client's role meets its own rows only; the condition keeps it so in the public role too.
    rows: Rows = Contract.objects.filter(client_id=require_client().id).values(*_COLUMNS)
    return rows


def contract_of(row: Any) -> ContractView:
    """The value of a row of `contract_rows`."""
    return ContractView(
        **{
            **row,
            "modules": tuple(ContractModule(each) for each in row["modules"]),
            "reports": tuple(ReportCadence(each) for each in row["reports"]),
            "sla_class": SlaClass(row["sla_class"]),
            "weekdays": tuple(row["weekdays"]),
        }
    )


def nothing_agreed() -> ContractView:
    """What holds while there is no contract: the standard promise, in the current client's zone."""
    client = require_client()
    return ContractView(
        client_id=client.id,
        version=0,
        effective_on=None,
        modules=(),
        reports=(),
        sla_class=SlaClass.STANDARD,
        contact_id=None,
        contact_time_zone=client.time_zone,
        time_zone=client.time_zone,
        opens=_OFFICE_OPENS,
        closes=_OFFICE_CLOSES,
        weekdays=_WORKING_WEEK,
        holiday_market="",
        start_on=None,
        end_on=None,
        exit_window_days=0,
        recorded_at=None,
        recorded_by="",
    )
