"""Who has a scorecard already is told so, until something in it changes."""

from __future__ import annotations

from datetime import timedelta

from config.lib import clock
from kpis.models import Target
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import NOW, WEEK
from tests.kpis.world import FIRST, World


def test_an_unchanged_scorecard_is_not_sent_again(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """A minute later it would only say another time of writing; after a change of a target it is new."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
    path = f"/api/v1/clients/{acme.slug}/scorecards/weekly?period={WEEK}&store={store_id}"
    first = owner.get(path)
    assert first["ETag"].startswith('W/"'), "the bytes differ, so no strong one"
    with clock.frozen(NOW + timedelta(minutes=1)):
        assert owner.get(path).json()["generated_at"] != first.json()["generated_at"]
        again = owner.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    with use_tenant(acme):
        assert Target.objects.filter(store_id=store_id, kpi="acos").update(target="0.00000001", warn=None)
    changed = owner.get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_another_language_is_another_copy(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """The names are part of it."""
    path = f"/api/v1/clients/{acme.slug}/scorecards/weekly?period={WEEK}"
    first = owner.get(path, headers={"Accept-Language": "en"})
    other = owner.get(path, headers={"Accept-Language": "ja", "If-None-Match": first["ETag"]})
    assert other.status_code == 200
