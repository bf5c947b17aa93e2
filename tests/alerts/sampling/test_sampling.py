"""The draw can be repeated and not steered; answers stand, are counted with their uncertainty and noted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alerts.engine.proportions import wilson
from alerts.engine.sampling import SampleKind, is_drawn
from alerts.models import SampledItem
from alerts.services.sampling import draw_samples, put_setting, record_agreement
from connectors.facts.proofs import Evidence
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.alerts.health.conftest import NOW
from tests.alerts.work.test_work import make_alert
from tests.api.validating import ValidatingClient

BASE = "/api/v1/clients/acme"
CLICKS = SampleKind.ABNORMAL_CLICKS


def drawn(share: str, seed: str = "s") -> set[int]:
    """Which of 4,000 results a share draws."""
    return {
        each
        for each in range(4000)
        if is_drawn(seed=seed, kind=CLICKS, reference=f"alert:{each}", share=Decimal(share))
    }


def test_a_draw_is_repeatable_nested_and_as_large_as_asked() -> None:
    """The same seed draws the same; a larger share keeps what a smaller drew; 0 draws none and 1 all."""
    tenth = drawn("0.1")
    assert tenth == drawn("0.1")
    assert drawn("0.05") < tenth < drawn("0.2")
    assert drawn("0.1", "other") != tenth
    assert (len(drawn("0")), len(drawn("1"))) == (0, 4000)
    # Four standard deviations of Binomial(4000, 0.1).
    assert abs(len(tenth) - 400) < 76


@pytest.mark.django_db
def test_drawn_alerts_are_checked_by_people_and_agreement_is_noted(
    shop: int, acme: ClientRef, owner: ValidatingClient, as_key: Any, as_role: Any
) -> None:
    """Three surges, all drawn once however often; two agreements of three with Wilson's interval."""
    kind = f"{BASE}/sampling-settings/abnormal_clicks"
    assert Decimal(owner.get(kind).json()["share"]) == Decimal("0.2")
    put = owner.put(kind, {"share": "1"}, format="json", headers={"If-Match": '"0"'})
    assert (put.status_code, put.json()["version"]) == (200, 1)
    stale = owner.put(kind, {"share": "0"}, format="json", headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    above = owner.put(kind, {"share": "1.5"}, format="json", headers={"If-Match": '"1"'})
    assert above.status_code == 422
    with use_tenant(acme):
        for campaign in "ABC":
            make_alert(shop, subject=f"campaign:{campaign}", detector="abnormal_clicks")
        make_alert(shop, subject="kpi:acos")
        assert (draw_samples(), draw_samples()) == (3, 0)
    items = owner.get(f"{BASE}/sampled-items?kind=abnormal_clicks&answered=false").json()["data"]
    assert len(items) == 3
    first = {"If-Match": '"1"'}
    for item, answer in zip(items, ("agree", "agree", "disagree"), strict=True):
        url = f"{BASE}/sampled-items/{item['id']}/answer"
        assert as_key().post(url, {"answer": "agree"}, headers=first).status_code == 403
        assert as_role(Role.CLIENT_ADMIN).post(url, {"answer": answer}, headers=first).status_code == 403
        if answer == "disagree":
            assert owner.post(url, {"answer": answer}, headers=first).status_code == 422
        said = owner.post(url, {"answer": answer, "note": "Seen."}, headers=first)
        assert (said.status_code, said.json()["answer"]) == (200, answer)
        again = owner.post(url, {"answer": answer, "note": "Seen."}, headers={"If-Match": '"2"'})
        assert again.status_code == 409
    rates = {row["kind"]: row for row in owner.get(f"{BASE}/sampling-rates").json()["data"]}
    expected = wilson(2, 3)
    found = rates["abnormal_clicks"]
    assert (found["agreed"], found["answered"], found["waiting"]) == (2, 3, 0)
    assert [Decimal(found[name]) for name in ("rate", "low", "high")] == [
        expected.rate, expected.low, expected.high
    ]  # fmt: skip
    assert rates["price_suggestion"]["rate"] is None
    with use_tenant(acme):
        assert (record_agreement(), record_agreement()) == (1, 0)
        noted = Evidence.objects.get(metric="automation_agreement")
        assert noted.subject == "abnormal_clicks"
        assert [noted.numerator, noted.denominator] == [Decimal(2), Decimal(3)]
    assert owner.get(f"{BASE}/sampling-settings/nothing").status_code == 404
    assert owner.get(f"{BASE}/sampled-items/999999").status_code == 404


@pytest.mark.django_db
def test_a_share_of_zero_draws_nothing(shop: int, acme: ClientRef) -> None:
    """A kind is switched off by its share."""
    with use_tenant(acme):
        put_setting(kind=CLICKS, version=0, share=Decimal(0))
        make_alert(shop, subject="campaign:A", detector="abnormal_clicks", fired_at=NOW)
        assert draw_samples() == 0
        assert not SampledItem.objects.exists()
