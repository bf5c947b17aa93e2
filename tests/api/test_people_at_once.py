"""What holds about people when two act in the same moment; these tests commit."""

from __future__ import annotations

import threading
from collections import Counter

from django.db import connections

from tenants.context import use_public
from tenants.models import Membership
from tenants.types import ClientRef, Role
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member


def test_two_owners_cannot_dismiss_each_other(committed_db: None, acme: ClientRef) -> None:
    """Ten times two owners remove one another at once: one succeeds, one owner is left."""
    for _ in range(10):
        (first, first_row), (second, second_row) = (
            make_member(acme, Role.OWNER),
            make_member(acme, Role.OWNER),
        )
        start = threading.Barrier(2)
        statuses: list[int] = []

        def dismiss(
            caller: ValidatingClient, row: int, start: threading.Barrier = start, seen: list[int] = statuses
        ) -> None:
            try:
                start.wait()
                seen.append(caller.delete(f"/api/v1/clients/{acme.slug}/members/{row}").status_code)
            finally:
                connections.close_all()

        threads = [
            threading.Thread(target=dismiss, args=pair)
            for pair in ((logged_in(first), second_row), (logged_in(second), first_row))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # The loser is refused as the last owner, or has lost the membership before its request was judged.
        assert Counter(statuses)[204] == 1, statuses
        assert set(statuses) <= {204, 404, 409}
        with use_public():
            owners = Membership.objects.filter(client_id=acme.id, role=Role.OWNER)
            assert owners.count() == 1
            owners.delete()
