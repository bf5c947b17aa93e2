"""A client's contract: dated versions, who may read and record them, and what cannot be agreed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tenants.context import use_public, use_tenant
from tenants.ledger.models import AuditEntry
from tenants.models import Contract
from tenants.selectors.contracts import get_contract
from tenants.types import ClientRef, ContractModule, Role, SlaClass
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member

CONTRACT = "/api/v1/clients/acme/contract"

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(acme: ClientRef) -> tuple[ValidatingClient, int]:
    user_id, _ = make_member(acme, Role.MANAGER)
    return logged_in(user_id), user_id


def body(contact: int, **changes: Any) -> dict[str, Any]:
    return {
        "effective_on": "2026-12-01",
        "modules": ["pricing", "kpi"],
        "reports": ["week"],
        "sla_class": "business",
        "contact_id": contact,
        "contact_time_zone": "Asia/Shanghai",
        "time_zone": "America/Los_Angeles",
        "opens": "08:30",
        "closes": "24:00",
        "weekdays": [5, 1, 2],
        "holiday_market": "US",
        "start_on": "2026-12-01",
        "end_on": None,
        "exit_window_days": 30,
        **changes,
    }


def record(caller: ValidatingClient, given: dict[str, Any], etag: str = "") -> Any:
    etag = etag or caller.get(CONTRACT)["ETag"]
    return caller.put(CONTRACT, given, format="json", headers={"If-Match": etag})


def rows() -> int:
    with use_public():
        return Contract.objects.count()


def test_versions_count_from_their_day(manager: tuple[ValidatingClient, int], acme: ClientRef) -> None:
    """Nothing agreed is the standard promise; each version counts from its day on and none is overwritten."""
    caller, user_id = manager
    nothing = caller.get(CONTRACT)
    assert (nothing.json()["version"], nothing.json()["sla_class"]) == (0, "standard")
    first = record(caller, body(user_id))
    assert first.status_code == 200
    shown = first.json()
    assert (shown["version"], shown["opens"], shown["closes"]) == (1, "08:30", "24:00")
    assert (shown["modules"], shown["weekdays"]) == (["kpi", "pricing"], [1, 2, 5])
    second = record(caller, body(user_id, effective_on="2027-01-01", modules=["full"], sla_class="urgent"))
    assert (second.status_code, second["ETag"]) == (200, '"2"')
    with use_tenant(acme):
        found = {day: get_contract(day) for day in (date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 1))}
        assert AuditEntry.objects.filter(verb="contract.recorded").count() == 2
    assert [view.version for view in found.values()] == [0, 1, 2]
    assert found[date(2027, 1, 1)].sla_class is SlaClass.URGENT
    assert found[date(2026, 12, 31)].modules == (ContractModule.KPI, ContractModule.PRICING)
    asked = caller.get(f"{CONTRACT}?on=2026-12-05").json()
    assert asked["version"] == 1
    listed = caller.get(f"{CONTRACT}/versions").json()["data"]
    assert [row["version"] for row in listed] == [2, 1]
    assert listed[1] == asked


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"modules": ["full", "kpi"]}, "/modules"),
        ({"modules": []}, "/modules"),
        ({"closes": "08:30"}, "/closes"),
        ({"opens": "8:30"}, "/opens"),
        ({"closes": "24:01"}, "/closes"),
        ({"weekdays": [0]}, "/weekdays/0"),
        ({"end_on": "2026-11-30"}, "/end_on"),
        ({"effective_on": "2026-11-30"}, "/effective_on"),
        ({"sla_class": "soon"}, "/sla_class"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"holiday_market": "usa"}, "/holiday_market"),
    ],
)
def test_what_cannot_be_agreed(
    manager: tuple[ValidatingClient, int], changes: dict[str, Any], pointer: str
) -> None:
    """Parts that contradict each other, or mean nothing, are pointed at, and nothing is recorded."""
    caller, user_id = manager
    refused = record(caller, body(user_id, **changes))
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert rows() == 0


def test_the_contact_works_for_the_client(
    manager: tuple[ValidatingClient, int], acme: ClientRef, globex: ClientRef
) -> None:
    """Neither a login of the client nor another client's staff can be its contact."""
    caller, _ = manager
    strangers = [make_member(acme, Role.CLIENT_ADMIN)[0], make_member(globex, Role.MANAGER)[0]]
    for stranger in strangers:
        refused = record(caller, body(stranger))
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/contact_id"]
    assert rows() == 0


def test_who_read_an_older_contract_records_nothing(manager: tuple[ValidatingClient, int]) -> None:
    """The second of two who read the same version is told so, also when its version does not count yet."""
    caller, user_id = manager
    assert record(caller, body(user_id, effective_on="2027-06-01"), '"0"').status_code == 200
    assert record(caller, body(user_id), '"0"').status_code == 412
    assert rows() == 1


def test_a_client_reads_its_own_contract_only(
    manager: tuple[ValidatingClient, int],
    as_role: Callable[..., ValidatingClient],
    acme: ClientRef,
    globex: ClientRef,
) -> None:
    """The client's own administrator reads it and changes nothing; another client's role sees no row."""
    caller, user_id = manager
    record(caller, body(user_id))
    admin = as_role(Role.CLIENT_ADMIN)
    assert admin.get(f"{CONTRACT}?on=2026-12-01").json()["version"] == 1
    assert record(admin, body(user_id), '"1"').status_code == 403
    with use_tenant(globex):
        assert Contract.objects.count() == 0
    with use_tenant(acme):
        assert Contract.objects.count() == 1
        for change in (Contract.objects.all().delete, lambda: Contract.objects.update(sla_class="urgent")):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
    with use_public(), pytest.raises(DatabaseError), transaction.atomic():
        Contract.objects.update(sla_class="urgent")
    assert rows() == 1
