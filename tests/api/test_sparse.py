"""Lists show only the members that the caller names."""

from __future__ import annotations

import pytest
import yaml

from tenants.management.commands.openapi import FILE
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient

pytestmark = pytest.mark.django_db


def _lists() -> dict[str, set[str]]:
    """The paged lists that the description knows: path → its GET."""
    paths = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)["paths"]
    found = {}
    for path, methods in paths.items():
        names = {each.get("name") for each in methods.get("get", {}).get("parameters", ())}
        if "cursor" in names:
            found[path] = names
    return found


def test_every_paged_list_offers_fields() -> None:
    """None is forgotten."""
    lists = _lists()
    assert len(lists) >= 11
    assert not [path for path, names in lists.items() if "fields" not in names]


def test_a_row_shows_the_members_asked_for(owner: ValidatingClient, acme: ClientRef) -> None:
    """In the row's own order; the page's frame stays."""
    body = owner.get("/api/v1/clients?fields=name,slug&limit=1").json()
    assert list(body["data"][0]) == ["slug", "name"]
    assert body["page"]["limit"] == 1
    assert [
        list(row) for row in owner.get(f"/api/v1/clients/{acme.slug}/members?fields=email").json()["data"]
    ] == [["email"]]


@pytest.mark.parametrize("path", ["clients", "clients/acme/order-lines", "clients/acme/stores"])
def test_an_unknown_member_is_refused_even_of_an_empty_list(owner: ValidatingClient, path: str) -> None:
    """By name, with the known ones."""
    answer = owner.get(f"/api/v1/{path}?fields=id,colour")
    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert (fault["parameter"], fault["code"]) == ("fields", "unknown")
    assert "colour" in fault["detail"]


def test_a_cursor_serves_another_choice_of_members(
    provider_owner: ValidatingClient, acme: ClientRef, globex: ClientRef
) -> None:
    """What is shown of a row does not change which rows come next."""
    cursor = provider_owner.get("/api/v1/clients?limit=1&fields=id").json()["page"]["next"]
    row = provider_owner.get(f"/api/v1/clients?limit=1&fields=slug&cursor={cursor}").json()["data"][0]
    assert row == {"slug": globex.slug}
