"""Lists are put in the order the caller asks for, and paged in it."""

from __future__ import annotations

import pytest

from tenants.types import ClientRef
from tests.api.validating import ValidatingClient

pytestmark = pytest.mark.django_db


def slugs(client: ValidatingClient, query: str) -> list[str]:
    """The slugs of a page of clients."""
    return [each["slug"] for each in client.get(f"/api/v1/clients?{query}").json()["data"]]


def test_clients_are_sorted_both_ways_and_paged_in_that_order(
    provider_owner: ValidatingClient, acme: ClientRef, globex: ClientRef
) -> None:
    """A cursor goes on in the order it was made in, and is refused by another."""
    assert slugs(provider_owner, "sort=slug") == [acme.slug, globex.slug]
    assert slugs(provider_owner, "sort=-slug") == [globex.slug, acme.slug]
    first = provider_owner.get("/api/v1/clients?sort=-slug&limit=1").json()
    cursor = first["page"]["next"]
    assert slugs(provider_owner, f"sort=-slug&limit=1&cursor={cursor}") == [acme.slug]
    assert provider_owner.get(f"/api/v1/clients?sort=slug&limit=1&cursor={cursor}").status_code == 400


@pytest.mark.parametrize("path", ["clients", "clients/acme/order-lines", "clients/acme/cost-sheets"])
def test_an_unknown_column_is_refused_by_name(path: str, owner: ValidatingClient) -> None:
    """The answer names what can be sorted by."""
    answer = owner.get(f"/api/v1/{path}?sort=-colour")
    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert fault["parameter"] == "sort"
    assert "colour" in fault["detail"]


def test_cost_sheets_are_sorted_by_sku(owner: ValidatingClient, acme: ClientRef) -> None:
    """Ascending and descending, whatever the order of recording."""
    path = f"/api/v1/clients/{acme.slug}/cost-sheets"
    for number, sku in enumerate(("B", "A", "C")):
        body = {
            "sku": sku,
            "effective_on": "2026-08-01",
            "lines": {"purchase": {"amount": "1.00", "currency": "USD"}},
        }
        answer = owner.post(path, body, headers={"Idempotency-Key": f"sheet-{number}"})
        assert answer.status_code == 201, answer.content
    for sort, expected in (("sku", "ABC"), ("-sku", "CBA")):
        data = owner.get(f"{path}?sort={sort}").json()["data"]
        assert "".join(sheet["sku"] for sheet in data) == expected
