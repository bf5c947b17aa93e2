"""The checklist over HTTP: every cause is judged, none is likely for one reason, and the sums are honest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpis.engine.attribution.verdict import LEAST_EVIDENCE, Cause
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, WEEK, get
from tests.kpis.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kpi", ["net_sales", "gross_margin_pct"])
def test_every_cause_is_judged_for_every_store(owner: ValidatingClient, shops: World, kpi: str) -> None:
    """Twelve verdicts a store; likely ones have two pieces of evidence, and links that lead somewhere."""
    body = get(owner, "attributions", period=WEEK, kpi=kpi)
    assert [row["store"] for row in body["stores"]] == sorted(shops.stores.values())
    for row in body["stores"]:
        assert {each["cause"] for each in row["causes"]} == set(Cause)
        assert Decimal(row["after"]) - Decimal(row["before"]) == Decimal(row["change"])
        assert abs(
            Decimal(row["explained"]) + Decimal(row["unexplained"]) - Decimal(row["change"])
        ) < Decimal("1e-6")
        verdicts = [each["verdict"] for each in row["causes"]]
        assert row["is_unexplained"] == (not {"likely", "possible"} & set(verdicts))
        for each in row["causes"]:
            assert each["verdict"] != "likely" or len(each["evidence"]) >= LEAST_EVIDENCE
            assert each["verdict"] != "no_data" or not each["evidence"]
            for evidence in each["evidence"]:
                if evidence["link"] is not None:
                    answer = owner.get(evidence["link"])
                    assert answer.status_code in (200, 422), evidence


def test_other_kpis_are_refused_in_words(owner: ValidatingClient, shops: World) -> None:
    """A KPI the checklist knows nothing of is no reason to guess."""
    response = owner.get(f"{BASE}/attributions?period={WEEK}&kpi=odr")
    assert response.status_code in (404, 422)
    assert owner.get(f"{BASE}/attributions?period={WEEK}").status_code == 400
    assert owner.get(f"{BASE}/attributions?period={WEEK}&kpi=units&store=99999").status_code == 404
