"""Plans decided on at once, with real commits."""

from __future__ import annotations

import threading
from datetime import date

from django.db import connections

from config.lib.errors import AppError
from kpis.models import PlanProposal, ScorecardPlan
from kpis.selectors.plans import list_targets
from kpis.selectors.stages import Stage
from kpis.services.stages import accept_proposal, set_stage
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.kpis.shops import make_shops
from tests.kpis.world import FIRST


def test_of_two_deciders_at_once_one_wins(committed_db: None, acme: ClientRef, redis: object) -> None:
    """Four accept one proposal in the same moment: the plan changes once."""
    with use_tenant(acme):
        store_id = make_shops(acme).stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        day = date(2026, 9, 28)
        change = set_stage(store_id=store_id, stage=Stage.GROWTH, effective_on=day, reason="x", version=0)
        assert change.proposal is not None
        proposal_id = change.proposal.id
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def decide() -> None:
        try:
            start.wait()
            with use_tenant(acme):
                accept_proposal(store_id=store_id, proposal_id=proposal_id, reason="agreed")
                outcomes.append("accepted")
        except AppError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", *["proposal_decided"] * 3]
    with use_tenant(acme):
        assert PlanProposal.objects.get().state == "accepted"
        assert ScorecardPlan.objects.count() == 2
        assert {t.kpi for t in list_targets(store_id, day) if t.role == "core"} >= {"tacos"}
