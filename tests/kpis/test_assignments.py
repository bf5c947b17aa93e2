"""Who answers for a KPI: shares never above 100 %, dated, kept, credited once however many write at once."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from config.lib.errors import AppError, Invalid, PreconditionFailed
from connectors import models as c
from kpis.models import Assignment, AssignmentShare
from kpis.selectors.assignments import AssignedBy, AssignmentView, list_assignments
from kpis.services.assignments import ShareDraft, assign_kpi, assign_position
from kpis.types import Position
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.factories.people import make_member

DAY = date(2026, 8, 3)
LATER = date(2026, 8, 10)


@pytest.fixture
def store_id(in_acme: ClientRef) -> int:
    """A store of acme."""
    return make_store()


def make_store() -> int:
    """A store in the client that is worked for."""
    connection = c.StoreConnection.objects.create(platform="amazon_sp", name="main", account={})
    return c.Store.objects.create(
        connection=connection,
        platform="amazon_sp",
        market="US",
        marketplace_id="ATVPDKIKX0DER",
        name="US",
        currency="USD",
        time_zone="America/Los_Angeles",
    ).pk


def of(user_id: int, share: str) -> ShareDraft:
    """A person's share."""
    return ShareDraft(user_id, None, Decimal(share))


def acos(store_id: int, on: date) -> list[AssignmentView]:
    """Who answers for ACoS on a day."""
    return list_assignments(on, store_ids=[store_id], kpis=["acos"])


def test_every_kpi_has_an_owner_without_anybody_doing_anything(store_id: int) -> None:
    """The position of the definition answers, with all of it."""
    found = list_assignments(DAY, store_ids=[store_id])
    assert len({view.kpi for view in found}) == len(found) > 25
    assert {view.share for view in found} == {Decimal(100)}
    assert {view.assigned_by for view in found} == {AssignedBy.DEFAULT}


def test_a_kpis_own_assignment_counts_before_its_positions(acme: ClientRef, store_id: int) -> None:
    """Dated: first the position as such, then its holder, then those who share the KPI, then its holder."""
    anna, ben = (make_member(acme, Role.OPERATOR)[0] for _ in range(2))
    (default,) = acos(store_id, DAY)
    assign_position(
        store_id=store_id,
        position=default.position,
        shares=[of(anna, "100")],
        effective_on=DAY,
        version=0,
    )
    assign_kpi(
        store_id=store_id,
        kpi="acos",
        shares=[of(anna, "60"), of(ben, "40")],
        effective_on=LATER,
        version=0,
    )
    assert [view.assigned_by for view in acos(store_id, date(2026, 8, 2))] == [AssignedBy.DEFAULT]
    assert [(view.user_id, view.assigned_by) for view in acos(store_id, DAY)] == [(anna, AssignedBy.POSITION)]
    assert [(view.user_id, view.share) for view in acos(store_id, LATER)] == [
        (anna, Decimal(60)),
        (ben, Decimal(40)),
    ]
    ended = date(2026, 9, 1)
    assign_kpi(store_id=store_id, kpi="acos", shares=[], effective_on=ended, version=1)
    assert [view.assigned_by for view in acos(store_id, ended)] == [AssignedBy.POSITION]
    assert [view.user_id for view in acos(store_id, LATER)] == [anna, ben]
    assert AuditEntry.objects.filter(verb="assignment.set").count() == 3


def test_every_fault_of_the_shares_is_told_at_once_and_nothing_is_recorded(
    acme: ClientRef, globex: ClientRef, store_id: int
) -> None:
    """More than 100 %, the same person twice, another client's person, nobody, nothing."""
    anna, stranger = make_member(acme, Role.OPERATOR)[0], make_member(globex, Role.OPERATOR)[0]
    shares = [
        of(anna, "60"),
        of(anna, "41"),
        of(stranger, "1"),
        ShareDraft(None, None, Decimal(1)),
        ShareDraft(None, Position.FINANCE, Decimal(0)),
    ]
    with pytest.raises(Invalid) as caught:
        assign_kpi(store_id=store_id, kpi="acos", shares=shares, effective_on=DAY, version=0)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [
        ("/shares", "over_100_percent"),
        ("/shares/1", "twice"),
        ("/shares/2/user", "no_member"),
        ("/shares/3", "nobody"),
        ("/shares/4/share", "range"),
    ]
    assert not Assignment.objects.exists()
    assert not AuditEntry.objects.filter(verb="assignment.set").exists()


def test_a_position_is_held_by_people(store_id: int) -> None:
    """A position cannot hold a position."""
    shares = [ShareDraft(None, Position.FINANCE, Decimal(100))]
    with pytest.raises(Invalid):
        assign_position(
            store_id=store_id, position=Position.WAREHOUSE, shares=shares, effective_on=DAY, version=0
        )


def test_several_writers_at_once_never_credit_more_than_100_percent(
    committed_db: None, acme: ClientRef
) -> None:
    """Eight at once give 60 % each of one KPI: one succeeds, the others are told to read again."""
    people = [make_member(acme, Role.OPERATOR)[0] for _ in range(8)]
    with use_tenant(acme):
        store_id = make_store()
    start = threading.Barrier(len(people))
    outcomes: list[Any] = []

    def write(user_id: int) -> None:
        try:
            start.wait()
            with use_tenant(acme):
                assign_kpi(
                    store_id=store_id, kpi="acos", shares=[of(user_id, "60")], effective_on=DAY, version=0
                )
                outcomes.append(user_id)
        except AppError as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[user_id]) for user_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in outcomes if isinstance(each, int)]) == 1
    assert len([each for each in outcomes if isinstance(each, PreconditionFailed)]) == len(people) - 1
    with use_tenant(acme):
        assert sum(view.share for view in acos(store_id, DAY)) == 60
        assert AssignmentShare.objects.count() == 1
