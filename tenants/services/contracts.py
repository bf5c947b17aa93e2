"""How a client's contract changes: by another dated version; what was agreed before stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from django.db import IntegrityError, transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed, gettext_noop
from tenants import audit
from tenants.context import current_actor, require_client, use_public
from tenants.models import Contract, Membership
from tenants.selectors.contracts import contract_of, contract_rows, latest_contract_version
from tenants.types import STAFF_ROLES, ContractModule, ContractView, ReportCadence, SlaClass


class BadContract(Invalid):
    """Parts of the contract contradict each other, or name somebody who cannot be meant."""

    code = "bad_contract"
    title = gettext_noop("The contract cannot be recorded like this")


def record_contract(
    *,
    version: int,
    effective_on: date,
    modules: Sequence[ContractModule],
    reports: Sequence[ReportCadence],
    sla_class: SlaClass,
    contact_id: int,
    contact_time_zone: str,
    time_zone: str,
    opens: int,
    closes: int,
    weekdays: Sequence[int],
    holiday_market: str,
    start_on: date,
    end_on: date | None,
    exit_window_days: int,
) -> ContractView:
    """Record the next version of the current client's contract; `version` is the latest the caller read.

    Raises BadContract for what cannot hold together, PreconditionFailed if somebody was faster.
    """
    client = require_client()
    faults = [
        *_faults(
            modules, opens=opens, closes=closes, effective_on=effective_on, start_on=start_on, end_on=end_on
        ),
        *_contact_faults(client.id, contact_id),
    ]
    if faults:
        raise BadContract(errors=faults)
    columns = {
        "client_id": client.id,
        "version": version + 1,
        "effective_on": effective_on,
        "modules": sorted(set(modules)),
        "reports": sorted(set(reports)),
        "sla_class": sla_class,
        "contact_id": contact_id,
        "contact_time_zone": contact_time_zone,
        "time_zone": time_zone,
        "opens": opens,
        "closes": closes,
        "weekdays": sorted(set(weekdays)),
        "holiday_market": holiday_market,
        "start_on": start_on,
        "end_on": end_on,
        "exit_window_days": exit_window_days,
        "recorded_at": clock.now(),
        "recorded_by": current_actor().label,
    }
    with transaction.atomic():
        before = contract_rows().filter(version=version).first()
        if latest_contract_version() != version:
            raise PreconditionFailed
        _add(columns)
        after = contract_of(contract_rows().get(version=version + 1))
        audit.record(
            "contract.recorded",
            target=("contract", version + 1),
            before=asdict(contract_of(before)) if before else None,
            after=asdict(after),
        )
    return after


def _add(columns: dict[str, object]) -> None:
    try:
        with use_public(), transaction.atomic():
            Contract.objects.create(**columns)
    except IntegrityError as error:
        # Two recorded the same version at once: only one of them can have read what was there before.
        raise PreconditionFailed from error


def _faults(
    modules: Sequence[ContractModule],
    *,
    opens: int,
    closes: int,
    effective_on: date,
    start_on: date,
    end_on: date | None,
) -> list[FieldError]:
    faults = []
    if ContractModule.FULL in modules and len(set(modules)) > 1:
        faults.append(FieldError("/modules", "Full service holds the others already.", "contradiction"))
    if opens >= closes:
        faults.append(FieldError("/closes", "Must be after the opening time.", "contradiction"))
    if end_on is not None and end_on < start_on:
        faults.append(FieldError("/end_on", "Must not be before the start.", "contradiction"))
    if effective_on < start_on or (end_on is not None and effective_on > end_on):
        faults.append(FieldError("/effective_on", "Must lie within the contract's time.", "contradiction"))
    return faults


def _contact_faults(client_id: int, contact_id: int) -> list[FieldError]:
    with use_public():
        serves = Membership.objects.filter(
            client_id=client_id,
            user_id=contact_id,
            role__in=[role.value for role in STAFF_ROLES],
            user__is_active=True,
            user__is_staff_member=True,
        ).exists()
    if serves:
        return []
    return [
        FieldError("/contact_id", "Nobody of the agency with this id works for the client.", "no_such_member")
    ]
