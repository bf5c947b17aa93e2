"""Plans, stages, proposals, resources, policies and weights over HTTP: checked whole, decided by people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kpis.models import Baseline, ScorecardPlan, Target
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member
from tests.kpis.shops import BASE, WEEK, get
from tests.kpis.shops import line as line_of
from tests.kpis.world import FIRST, World

START = "2026-08-24"


def put(client: ValidatingClient, path: str, body: Any, tag: str = '"0"') -> Any:
    """PUT with an If-Match."""
    return client.put(f"{BASE}/{path}", body, format="json", headers={"If-Match": tag})


def line(kpi: str, weight: str, target: str, warn: str | None = None, **changes: Any) -> dict[str, Any]:
    """A core line of a plan."""
    return {
        "kpi": kpi,
        "role": "core",
        "weight": weight,
        "target": target,
        "warn": warn,
        "owner": "Li",
        "source": "contract",
        "deadline": "2026-12-31",
        **changes,
    }


LINES = [
    line("acos", "40", "0.25", "0.35"),
    line("gross_margin_pct", "30", "0.25", "0.20"),
    line("stockout_rate", "20", "0.03", "0.05"),
    line("return_rate", "10", "0.08", "0.12", role="auxiliary"),
]
PLAN = {"effective_on": START, "lines": LINES}


def enter_baselines(client: ValidatingClient, store_id: int, plan: dict[str, Any]) -> None:
    """Give every KPI of a plan a baseline of the industry that has none of its own."""
    known = {row["kpi"] for row in get(client, f"stores/{store_id}/baselines")["data"]}
    for each in plan["lines"]:
        if each["kpi"] not in known:
            body = {"value": each["target"], "source": "report"}
            assert put(client, f"stores/{store_id}/baselines/{each['kpi']}", body).status_code == 200


def test_a_plan_is_set_whole_or_not_at_all(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Every error at once and nothing saved; then all of it, and lines not named are taken off."""
    store_id = shops.stores["US"]
    path = f"stores/{store_id}/plan"
    bad = [{**LINES[0], "owner": ""}, {**LINES[1], "deadline": None}, *LINES[2:]]
    bad[3] = {**bad[3], "weight": "9"}
    refused = put(owner, path, {**PLAN, "lines": bad})
    assert refused.status_code == 422
    found = {(error["pointer"], error["code"]) for error in refused.json()["errors"]}
    assert {
        ("/lines/0/owner", "no_owner"),
        ("/lines/1/deadline", "no_deadline"),
        ("/weight", "weights_not_100"),
    } <= found
    with use_tenant(acme):
        assert not Target.objects.exists()
        assert not AuditEntry.objects.filter(verb="plan.set").exists()
    enter_baselines(owner, store_id, PLAN)
    done = put(owner, path, PLAN)
    assert done.status_code == 200, done.content
    assert done["ETag"] == '"4"'
    assert [row["kpi"] for row in done.json()["data"]] == [
        "gross_margin_pct",
        "acos",
        "stockout_rate",
        "return_rate",
    ]
    assert put(owner, path, PLAN).status_code == 412
    fewer = [{**LINES[0], "weight": "50"}, *LINES[1:3]]
    later = {"effective_on": "2026-09-21", "lines": fewer}
    codes = {error["code"] for error in put(owner, path, later, '"4"').json()["errors"]}
    assert codes == {"changed_too_soon"}
    for each in fewer:
        each["override_reason"] = "fewer is clearer"
    changed = put(owner, path, later, '"4"')
    assert changed.status_code == 200, changed.content
    # Two lines stayed as they are and have no new version; one changed, one was taken off.
    assert changed["ETag"] == '"6"'
    assert {row["kpi"] for row in get(owner, path, on="2026-09-20")["data"]} == {
        each["kpi"] for each in LINES
    }
    versions = get(owner, f"stores/{store_id}/targets/acos/versions")["data"]
    assert [(row["version"], row["weight"], row["override_reason"]) for row in versions] == [
        (2, "50.00", "fewer is clearer"),
        (1, "40.00", ""),
    ]


def test_a_dry_run_tells_everything_and_saves_nothing(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Errors and warnings with place and remedy; the same KPI twice is a mistake of form."""
    path = f"{BASE}/stores/{shops.stores['US']}/targets/validate"
    lines = [*LINES, line("roi", "0", "0.15"), line("bsr_rank", "0", "10")]
    response = owner.post(path, {**PLAN, "lines": lines})
    assert response.status_code == 200, response.content
    body = response.json()
    assert not body["is_valid"]
    found = {(problem["code"], problem["kpi"]) for problem in body["problems"]}
    assert {("no_baseline", "roi"), ("conflict", "bsr_rank"), ("not_measurable", "bsr_rank")} <= found
    assert {problem["severity"] for problem in body["problems"]} == {"error", "warning"}
    assert owner.post(path, {**PLAN, "lines": [LINES[0], LINES[0]]}).status_code == 422
    unknown = owner.post(path, {**PLAN, "lines": [{**LINES[0], "kpi": "nothing"}]}).json()
    assert ("unknown_kpi", "nothing") in {(p["code"], p["kpi"]) for p in unknown["problems"]}
    with use_tenant(acme):
        assert not Target.objects.exists()
        assert not Baseline.objects.exists()


def test_a_baseline_is_entered_once_with_a_source(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Frozen at once: a second value is refused, and so is one without a source."""
    path = f"stores/{shops.stores['US']}/baselines/acos"
    assert put(owner, path, {"value": "0.28", "source": " "}).status_code in {400, 422}
    assert owner.get(f"{BASE}/{path}").status_code == 404
    assert put(owner, path, {"value": "0.28", "source": "report"}).status_code == 200
    again = put(owner, path, {"value": "0.20", "source": "another"})
    assert (again.status_code, again.json()["code"]) == (409, "baseline_frozen")
    shown = get(owner, path)
    assert (shown["value"], shown["method"], shown["source"]) == ("0.28", "industry", "report")
    with use_tenant(acme):
        assert AuditEntry.objects.filter(verb="baseline.entered").count() == 1


def test_resources_rule_a_target_out(owner: ValidatingClient, shops: World) -> None:
    """24 h shipping to Japan from China: refused, then let through with a reason, then feasible."""
    store_id = shops.stores["JP"]
    resources = {"model": "overseas_wh", "warehouses": ["CN"], "support": []}
    assert put(owner, f"stores/{store_id}/resources", resources).status_code == 200
    plan = {"effective_on": START, "lines": [line("ship_24h_rate", "20", "0.98")]}
    enter_baselines(owner, store_id, plan)
    path = f"stores/{store_id}/targets/ship_24h_rate"
    target = {key: value for key, value in plan["lines"][0].items() if key not in {"kpi", "warn"}}  # type: ignore[attr-defined]
    target["effective_on"] = START
    refused = put(owner, path, target)
    assert [error["code"] for error in refused.json()["errors"]] == ["infeasible"]
    local = {**resources, "warehouses": ["CN", "JP"]}
    assert put(owner, f"stores/{store_id}/resources", local).status_code == 412
    assert put(owner, path, {**target, "override_reason": "opens in May"}).status_code == 200
    assert put(owner, f"stores/{store_id}/resources", local, '"1"')["ETag"] == '"2"'
    done = put(owner, path, {**target, "owner": "Mori"}, '"1"')
    assert done.status_code == 200, done.content
    assert "infeasible" not in {warning["code"] for warning in done.json()["warnings"]}


def test_a_stage_proposes_and_a_person_decides(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Setting a stage changes no target; accepting its proposal does, once, with the reason in the audit."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
    before = get(owner, f"stores/{store_id}/targets", on="2026-09-30")["data"]
    assert get(owner, f"stores/{store_id}/stage")["suggested"]["stage"] == "new"
    stage = {"stage": "new", "effective_on": "2026-09-28", "reason": "65 days old"}
    set_ = put(owner, f"stores/{store_id}/stage", stage)
    assert set_.status_code == 200, set_.content
    proposal = set_.json()["proposal"]
    assert (proposal["template"], proposal["state"]) == ("us_fba_new", "open")
    roi = next(change for change in proposal["changes"] if change["kpi"] == "roi")
    assert (roi["kind"], roi["before"]["role"]) == ("removed", "core")
    assert get(owner, f"stores/{store_id}/targets", on="2026-09-30")["data"] == before
    path = f"{BASE}/stores/{store_id}/proposals/{proposal['id']}"
    accepted = owner.post(f"{path}/acceptance", {"reason": "agreed on 2026-09-30"})
    assert accepted.status_code == 201, accepted.content
    core = {
        row["kpi"]
        for row in get(owner, f"stores/{store_id}/targets", on="2026-09-30")["data"]
        if row["role"] == "core"
    }
    assert core == {
        "active_sku_rate",
        "review_growth",
        "conversion_rate",
        "stockout_rate",
        "ad_cvr",
    }
    assert get(owner, f"stores/{store_id}/targets", on="2026-09-20")["data"] == before
    again = owner.post(f"{path}/rejection", {"reason": "no"})
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")
    with use_tenant(acme):
        assert AuditEntry.objects.filter(verb="proposal.accepted").count() == 1
        assert not AuditEntry.objects.filter(verb="proposal.rejected").exists()


def test_a_rejected_proposal_changes_nothing(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """The plan stays; a later stage supersedes what is still open."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        versions = Target.objects.count()
    for n, stage in enumerate(("growth", "clearance")):
        body = {"stage": stage, "effective_on": "2026-09-28", "reason": "x"}
        assert put(owner, f"stores/{store_id}/stage", body, f'"{n}"').status_code == 200
    first, second = reversed(get(owner, f"stores/{store_id}/proposals")["data"])
    assert [first["state"], second["state"]] == ["superseded", "open"]
    path = f"{BASE}/stores/{store_id}/proposals/{second['id']}/rejection"
    assert owner.post(path, {"reason": "not yet"}).json()["state"] == "rejected"
    with use_tenant(acme):
        assert Target.objects.count() == versions


def test_a_newer_template_is_proposed_not_taken_over(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """The diff shows provenance and what differs; an upgrade is refused while there is none."""
    store_id = shops.stores["US"]
    diff = get(owner, f"stores/{store_id}/template/diff")
    assert (diff["followed"], diff["suggested"]) == (None, "us_fba_mature")
    assert {change["kind"] for change in diff["changes"]} == {"added"}
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
    diff = get(owner, f"stores/{store_id}/template/diff")
    assert (diff["followed"], diff["followed_version"], diff["changes"]) == ("us_fba_mature", 1, [])
    other = get(owner, f"stores/{store_id}/template/diff", template="us_fba_new")
    assert {"added", "removed"} <= {change["kind"] for change in other["changes"]}
    upgrade = f"{BASE}/stores/{store_id}/template/upgrade"
    assert owner.post(upgrade, {}).json()["code"] == "template_current"
    with use_tenant(acme):
        ScorecardPlan.objects.update(template_version=0)
        row = Target.objects.get(store_id=store_id, kpi="acos")
        Target.objects.filter(pk=row.pk).update(target=Decimal("0.22"))
    assert get(owner, f"stores/{store_id}/template/diff")["is_outdated"]
    made = owner.post(upgrade, {})
    assert made.status_code == 201, made.content
    assert [change["kpi"] for change in made.json()["changes"]] == ["acos"]


def test_a_target_is_live_when_its_owners_took_note(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """With its runbook; a new version of the target awaits them anew; strangers cannot do it for them."""
    store_id = shops.stores["US"]
    anna, ben = (make_member(acme, Role.OPERATOR)[0] for _ in range(2))
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
    shares = {
        "effective_on": "2026-09-01",
        "shares": [{"user": anna, "share": "60"}, {"user": ben, "share": "40"}],
    }
    assigned = put(owner, f"stores/{store_id}/assignments/acos", shares)
    assert assigned.status_code == 200, assigned.content
    text = {"text": "Look at search terms first."}
    assert put(owner, "runbooks/acos", text)["ETag"] == '"1"'
    path = f"{BASE}/stores/{store_id}/targets/acos/acknowledgement"
    assert owner.post(path, {}).status_code == 403
    assert not logged_in(anna).post(path, {}).json()["is_live"]
    done = logged_in(ben).post(path, {})
    assert done.status_code == 201, done.content
    assert (done.json()["is_live"], done.json()["runbook_version"]) == (True, 1)
    live = get(owner, f"stores/{store_id}/acknowledgements", live="true")["data"]
    assert [row["kpi"] for row in live] == ["acos"]
    shown = line_of(get(owner, "scorecards/weekly", period=WEEK, store=store_id), "acos")
    assert shown["acknowledged_at"] is not None
    with use_tenant(acme):
        assert AuditEntry.objects.filter(verb="target.acknowledged").count() == 2
    change = {key: value for key, value in LINES[0].items() if key != "kpi"}
    change |= {"effective_on": "2026-09-30", "override_reason": "x", "target": "0.2", "weight": "15"}
    assert put(owner, f"stores/{store_id}/targets/acos", change, '"1"').status_code == 200
    waiting = get(owner, f"stores/{store_id}/acknowledgements", live="false")["data"]
    row = next(row for row in waiting if row["kpi"] == "acos")
    assert len(row["waiting_for"]) == 2


def test_owners_are_listed_and_positions_assigned(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Every KPI has somebody; a position's holder answers for its KPIs; more than 100 % is refused."""
    store_id = shops.stores["US"]
    anna = make_member(acme, Role.OPERATOR)[0]
    too_much = {"effective_on": "2026-09-01", "shares": [{"user": anna, "share": "100"}] * 2}
    path = f"stores/{store_id}/positions/ads_operator"
    assert put(owner, path, too_much).status_code == 422
    assert put(owner, path, {**too_much, "shares": [{"user": anna, "share": "100"}]}).status_code == 200
    rows = get(owner, f"stores/{store_id}/assignments")["data"]
    assert {row["assigned_by"] for row in rows if row["position"] == "ads_operator"} == {"position"}
    assert {row["user"] for row in rows if row["kpi"] == "acos"} == {anna}
    assert len(get(owner, path)["versions"]) == 1
    assert owner.get(f"{BASE}/stores/{store_id}/positions/emperor").status_code == 404


def test_a_platforms_limits_stand_beside_the_stores_values(owner: ValidatingClient, shops: World) -> None:
    """Amazon's limits with the value over every window, the distance to it, and what the source is worth."""
    body = get(owner, f"stores/{shops.stores['US']}/policies", on="2026-08-24")
    rows = {row["kpi"]: row for row in body["data"]}
    assert [window["days"] for window in rows["late_shipment_rate"]["windows"]] == [10, 30]
    odr = rows["odr"]
    assert (odr["comparator"], odr["limit"], odr["confidence"]) == ("<", "0.01", "A")
    (window,) = odr["windows"]
    assert Decimal(window["distance"]) == Decimal("0.01") - Decimal(window["value"])
    assert window["is_met"] == (Decimal(window["value"]) < Decimal("0.01"))


def test_weights_swing_the_score_and_former_ones_run_in_parallel(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """The present side is the scorecard's own score; the former one differs by the changed weights only."""
    store_id = shops.stores["US"]
    path = f"stores/{store_id}/plan"
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
    assert get(owner, f"{path}/parallel", period=WEEK)["parallel"] is None
    swings = get(owner, f"{path}/sensitivity", period=WEEK)["data"]
    spans = [Decimal(row["span"]) for row in swings if row["span"] is not None]
    assert spans == sorted(spans, reverse=True)
    assert spans[0] > 0
    targets = get(owner, f"stores/{store_id}/targets", on="2026-08-03")["data"]
    weights = {row["kpi"]: row["weight"] for row in targets}
    former = next(row for row in targets if row["kpi"] == "acos")
    change = {key: former[key] for key in ("role", "target", "warn", "owner", "source")}
    change |= {"weight": "60", "effective_on": "2026-08-03", "deadline": "2026-12-31"}
    change["override_reason"] = "x"
    enter_baselines(owner, store_id, {"lines": [LINES[0]]})
    assert put(owner, f"stores/{store_id}/targets/acos", change, '"1"').status_code == 200
    later = get(owner, f"{path}/parallel", period="2026-W32")["parallel"]
    assert (later["changed_on"], later["changed"]) == ("2026-08-03", ["acos"])
    card = get(owner, "scorecards/weekly", period="2026-W32", store=store_id)
    assert Decimal(weights["acos"]) == 15
    assert Decimal(later["present"]["score"]) != Decimal(later["former"]["score"])
    if card["score"] is not None:
        assert abs(Decimal(card["score"]) - Decimal(later["present"]["score"])) < Decimal("0.01")
    assert get(owner, f"{path}/parallel", period=WEEK)["parallel"] is None


@pytest.mark.parametrize(
    "path",
    ["plan", "stage", "policies", "baselines", "assignments", "acknowledgements", "template/diff"],
)
def test_another_clients_store_is_not_there(owner: ValidatingClient, shops: World, path: str) -> None:
    """A store id that is not this client's answers 404 everywhere."""
    assert owner.get(f"{BASE}/stores/999999/{path}").status_code == 404
