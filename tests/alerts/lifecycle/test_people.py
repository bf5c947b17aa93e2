"""What people do with alerts, through the API: answer, end, arm, silence, be on duty, be left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.models import Alert, Attention, DutyRoster, Silence
from alerts.selectors.digests import read_digest
from alerts.selectors.rosters import on_duty, on_duty_for
from alerts.services.digest import make_digests
from alerts.services.transitions import apply, pass_time
from alerts.tasks.lifecycle import run_timers
from alerts.types import Policy, Severity
from config.lib import clock
from connectors.facts.happenings import WorkItem
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef, Role
from tests.alerts.lifecycle.making import NOW, breach, clear, rule
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member
from tests.pricing.promotions.conftest import made

HOUR = timedelta(hours=1)
BASE = "/api/v1/clients/acme"
QUIET = {"since": "22:00", "until": "07:00"}


@pytest.fixture
def store(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A US store of acme; the clock stands at Friday 09:00 UTC."""
    with clock.frozen(NOW):
        yield made(acme, "US")


@pytest.fixture
def operator(as_role: Callable[..., ValidatingClient]) -> ValidatingClient:
    """An operator of acme."""
    return as_role(Role.OPERATOR)


@pytest.fixture
def alert(store: int, acme: ClientRef) -> int:
    """A critical alert of the store, told an hour ago, that is repeated every six hours."""
    with use_tenant(acme):
        policy = Policy(repeat_hours=6)
        (found,) = apply(rule(policy, severity=Severity.CRITICAL), [breach(store_id=store)], NOW - HOUR)
    return found


def post(caller: ValidatingClient, path: str, version: int, **body: Any) -> Any:
    """A change of the version that was seen."""
    return caller.post(f"{BASE}/{path}", body, headers={"If-Match": f'"{version}"'})


def told(client: ClientRef) -> list[str]:
    """What was emitted for delivery."""
    with use_tenant(client):
        events = OutboxEvent.objects.filter(type="alerts.notice_due").order_by("id")
        return [event.payload["notice"] for event in events]


def test_an_alert_is_listed_and_told_with_its_history(
    alert: int, store: int, operator: ValidatingClient, acme: ClientRef
) -> None:
    """Filters, sorting by weight instead of name, figures as text, the steps and where to go from it."""
    with use_tenant(acme):
        apply(rule(rule_id=8, severity=Severity.INFO), [breach("sku:A", store_id=store)], NOW)
        apply(rule(rule_id=9, severity=Severity.WARNING), [breach("sku:B", store_id=store)], NOW)
        apply(rule(rule_id=8), [clear("sku:A", store_id=store)], NOW + HOUR)

    def listed(query: str) -> list[str]:
        answer = operator.get(f"{BASE}/alerts?{query}")
        assert answer.status_code == 200, answer.content
        return [row["subject"] for row in answer.json()["data"]]

    assert listed("sort=-severity") == ["kpi:acos", "sku:B", "sku:A"]
    assert listed("sort=severity&limit=2") == ["sku:A", "sku:B"]
    assert listed("state=firing,acknowledged&sort=opened_at") == ["kpi:acos", "sku:B"]
    assert listed("live=false") == ["sku:A"]
    assert listed(f"severity=critical&store={store}&rule=rule-7") == ["kpi:acos"]
    assert listed(f"store={store + 1}") == []
    answer = operator.get(f"{BASE}/alerts/{alert}")
    body = answer.json()
    assert (body["observed"], body["limit"], body["state"]) == ("0.42", "0.3", "firing")
    assert [(step["before"], step["after"], step["notice"], step["sequence"]) for step in body["steps"]] == [
        ("", "firing", "fired", 1)
    ]
    assert body["available_transitions"] == ["acknowledgement", "resolution"]
    assert body["links"]["explanation"] == f"{BASE}/decompositions/acos?period=2026-W47&store={store}"
    assert body["escalate_at"] == "2026-11-20T12:00:00Z"
    explained = operator.get(body["links"]["explanation"])
    assert explained.status_code == 422, "there is such a place, but this shop has no figures"
    assert operator.get(f"{BASE}/alerts/999999").status_code == 404


def test_acknowledging_holds_repeats_and_is_measured(
    alert: int, operator: ValidatingClient, acme: ClientRef
) -> None:
    """If-Match, an end within 30 days, then quiet until it runs out; the wait is a work fact, noted once."""
    path = f"alerts/{alert}/acknowledgement"
    assert operator.post(f"{BASE}/{path}", {}).status_code == 428
    assert post(operator, path, 9).status_code == 412
    assert post(operator, path, 1, until="2026-11-20T08:00:00Z").status_code == 422
    assert post(operator, path, 1, until="2027-02-20T08:00:00Z").status_code == 422
    done = post(operator, path, 1, until="2026-11-20T19:00:00Z", note="Bids are being lowered.")
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["version"]) == ("acknowledged", 2)
    assert done.json()["acknowledged_by"]
    assert done.json()["steps"][-1]["note"] == "Bids are being lowered."
    again = post(operator, path, 2, until="2026-11-20T20:00:00Z")
    assert again.status_code == 200
    with use_tenant(acme):
        item = WorkItem.objects.get(kind="alert_acknowledge")
        assert item.finished_at is not None
        assert (item.finished_at - item.started_at, item.is_ok) == (HOUR, True)
        assert AuditEntry.objects.filter(verb="alert.acknowledged").count() == 2
        assert pass_time(NOW + 10 * HOUR) == []
        assert pass_time(NOW + 11 * HOUR) == [alert]
    assert told(acme) == ["fired", "still_firing"]


def test_ending_and_arming_by_hand(store: int, operator: ValidatingClient, acme: ClientRef) -> None:
    """A once-alert: ended with a reason, spent, armed again; what its state does not allow is a 409."""
    once = rule(Policy(is_once=True, flap_hold_minutes=0))
    with use_tenant(acme):
        (found,) = apply(once, [breach(store_id=store)], NOW)
    assert post(operator, f"alerts/{found}/resolution", 1).status_code == 422
    ended = post(operator, f"alerts/{found}/resolution", 1, reason="A one-off campaign.")
    assert (ended.json()["state"], ended.json()["resolved_why"]) == ("resolved", "A one-off campaign.")
    assert ended.json()["available_transitions"] == ["reset"]
    refused = post(operator, f"alerts/{found}/acknowledgement", 2)
    assert (refused.status_code, refused.json()["code"]) == (409, "alert_state_conflict")
    with use_tenant(acme):
        assert apply(once, [breach(store_id=store)], NOW + HOUR) == []
    armed = post(operator, f"alerts/{found}/reset", 2, note="Watch it again.")
    assert (armed.status_code, armed.json()["is_spent"]) == (200, False)
    with use_tenant(acme):
        (second,) = apply(once, [breach(store_id=store)], NOW + 2 * HOUR)
    assert second != found
    assert told(acme) == ["fired", "resolved", "fired"]
    assert post(operator, f"alerts/{found}/reset", 3).status_code == 409


def test_a_silence_mutes_and_its_end_tells(
    alert: int, store: int, operator: ValidatingClient, acme: ClientRef
) -> None:
    """Begun with a reason and an end; nothing is told meanwhile, and at once when somebody ends it."""
    begun = operator.post(
        f"{BASE}/silences",
        {
            "subjects": ["kpi:*"],
            "store_ids": [store],
            "reason": "Stock count.",
            "ends_at": "2026-11-25T00:00:00Z",
        },
    )
    assert begun.status_code == 201, begun.content
    assert begun.json()["covers"] == [alert]
    silence = begun.json()["id"]
    with use_tenant(acme):
        assert pass_time(NOW + 7 * HOUR) == [], "neither the repeat nor the escalation is told"
        assert Alert.objects.get(pk=alert).muted_by == f"silence:{silence}"
        apply(rule(rule_id=8), [breach("kpi:cvr", store_id=store)], NOW + 7 * HOUR)
    assert told(acme) == ["fired"]
    assert [row["id"] for row in operator.get(f"{BASE}/silences?holding=true").json()["data"]] == [silence]
    moved = operator.patch(
        f"{BASE}/silences/{silence}", {"ends_at": "2026-11-24T00:00:00Z"}, headers={"If-Match": '"1"'}
    )
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    with clock.frozen(NOW + 8 * HOUR):
        assert post(operator, f"silences/{silence}/ending", 1).status_code == 412
        assert post(operator, f"silences/{silence}/ending", 2).status_code == 200
        assert told(acme) == ["fired", "still_firing", "fired"]
        late = post(operator, f"silences/{silence}/ending", 3)
        assert (late.status_code, late.json()["code"]) == (409, "silence_over")
        assert operator.get(f"{BASE}/silences?holding=true").json()["data"] == []
        assert len(operator.get(f"{BASE}/silences?holding=false").json()["data"]) == 1


def test_a_silence_that_runs_out_tells_within_the_minute(alert: int, acme: ClientRef, store: int) -> None:
    """No one has to end it: the clock finds that nothing mutes any more; an end was told meanwhile."""
    with use_tenant(acme):
        Silence.objects.create(
            store_ids=[store], reason="x", starts_at=NOW, ends_at=NOW + HOUR, created_at=NOW, created_by="x"
        )
        other = rule(rule_id=8)
        apply(other, [breach("kpi:cvr", store_id=store)], NOW - HOUR / 2)
        apply(other, [clear("kpi:cvr", store_id=store)], NOW + HOUR / 2)
        apply(rule(Policy(repeat_hours=6)), [breach(store_id=store)], NOW + HOUR / 2)
        assert told(acme) == ["fired", "fired", "resolved"]
        assert pass_time(NOW + HOUR - timedelta(seconds=1)) == []
        assert pass_time(NOW + HOUR) == [alert]
    assert told(acme)[3:] == ["still_firing"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": "x", "ends_at": "2026-11-25T00:00:00Z"}, "/rules"),
        ({"reason": "x", "ends_at": "2026-11-19T00:00:00Z", "rules": ["a"]}, "/ends_at"),
        ({"reason": "x", "ends_at": "2027-11-19T00:00:00Z", "rules": ["a"]}, "/ends_at"),
        ({"reason": "x", "ends_at": "2026-11-25T00:00:00Z", "store_ids": [987654]}, "/store_ids/0"),
        ({"ends_at": "2026-11-25T00:00:00Z", "rules": ["a"]}, "/reason"),
        ({"reason": "x", "rules": ["a"]}, "/ends_at"),
    ],
)
def test_what_no_silence_may_be(
    store: int, operator: ValidatingClient, acme: ClientRef, body: dict[str, Any], pointer: str
) -> None:
    """Of everything, without an end or a reason, over, too long, of another's store: 422, nothing kept."""
    answer = operator.post(f"{BASE}/silences", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    with use_tenant(acme):
        assert not Silence.objects.exists()


def test_a_viewer_changes_nothing(
    alert: int, as_role: Callable[..., ValidatingClient], acme: ClientRef
) -> None:
    """The client's administrator reads alerts; acknowledging, silencing and rosters are refused."""
    reader = as_role(Role.CLIENT_ADMIN)
    assert reader.get(f"{BASE}/alerts/{alert}").status_code == 200
    assert post(reader, f"alerts/{alert}/acknowledgement", 1).status_code == 403
    assert reader.post(f"{BASE}/silences", {"reason": "x"}).status_code == 403
    assert reader.put(f"{BASE}/duty-roster", {"shifts": []}, headers={"If-Match": '"0"'}).status_code == 403
    with use_tenant(acme):
        assert Alert.objects.get(pk=alert).state == "firing"
        assert not Silence.objects.exists()
        assert not DutyRoster.objects.exists()


def test_a_roster_is_put_whole_and_says_who_is_told(
    alert: int, store: int, as_role: Callable[..., ValidatingClient], acme: ClientRef
) -> None:
    """Only members; the gap is shown; who has left is told nothing; a level up when nobody acknowledges."""
    day, _ = make_member(acme, Role.OPERATOR)
    boss, membership = make_member(acme, Role.MANAGER, email="boss@example.com")
    analyst = as_role(Role.ANALYST)
    shifts = [
        {
            "user_id": day,
            "time_zone": "Asia/Shanghai",
            "position": "ads_operator",
            "begins": "09:00",
            "ends": "18:00",
        },
        {"user_id": boss, "time_zone": "Asia/Shanghai", "level": 2, "begins": "00:00", "ends": "00:00"},
    ]

    def put(version: int, *given: dict[str, Any]) -> Any:
        headers = {"If-Match": f'"{version}"'}
        return analyst.put(f"{BASE}/duty-roster", {"shifts": list(given)}, headers=headers)

    wrong = put(
        0, {**shifts[0], "user_id": 999999}, {**shifts[1], "time_zone": "Mars/Olympus", "store_ids": [77777]}
    )
    assert wrong.status_code == 422
    assert {error["pointer"] for error in wrong.json()["errors"]} == {
        "/shifts/0/user_id",
        "/shifts/1/time_zone",
        "/shifts/1/store_ids",
    }
    first = put(0, shifts[0])
    assert first.status_code == 200, first.content
    assert first.json()["gap"] == {"begins_at": "2026-11-20T10:00:00Z", "ends_at": "2026-11-21T01:00:00Z"}
    assert put(0, *shifts).status_code == 412
    assert put(1, *shifts).json()["gap"] is None

    def asked(query: str) -> list[int]:
        found: list[int] = analyst.get(f"{BASE}/duty-roster/on-duty?{query}").json()["user_ids"]
        return found

    assert asked(f"store={store}&position=ads_operator") == [day]
    assert asked("at=2026-11-20T15:00:00Z") == [boss]
    assert asked("level=2") == [boss]
    with use_tenant(acme):
        assert on_duty_for(alert, NOW) == [day]
        pass_time(NOW + 4 * HOUR)
        assert on_duty_for(alert, NOW + 4 * HOUR) == [boss]
        assert on_duty(store, "Boss@example.com", NOW) == [boss]
    owner = as_role(Role.OWNER)
    gone = owner.delete(f"{BASE}/members/{membership}", headers={"If-Match": '"1"'})
    assert gone.status_code in (200, 204), gone.content
    assert asked("level=2") == [day]
    assert asked("at=2026-11-20T15:00:00Z") == [day], "asleep, but nobody else is left"


def test_quiet_hours_and_digests_are_ones_own(
    alert: int,
    operator: ValidatingClient,
    as_key: Callable[..., ValidatingClient],
    acme: ClientRef,
    store: int,
) -> None:
    """A digest is told once, of what was told since it was turned on; an empty one never."""
    assert operator.get(f"{BASE}/alert-attention").json()["version"] == 0
    wished = {
        "time_zone": "UTC",
        "quiet": QUIET,
        "digest": "daily",
        "digest_hour": 8,
    }

    def put(caller: ValidatingClient, version: int, **more: Any) -> Any:
        return caller.put(f"{BASE}/alert-attention", {**wished, **more}, headers={"If-Match": f'"{version}"'})

    assert put(operator, 0, time_zone="Mars/Olympus").status_code == 422
    assert put(as_key(), 0).status_code == 404
    assert put(operator, 0).json()["quiet"] == {**QUIET, "weekdays": [1, 2, 3, 4, 5, 6, 7]}
    assert put(operator, 0).status_code == 412
    assert put(operator, 1, digest_weekday=2).json()["version"] == 2
    with use_tenant(acme):
        person = Attention.objects.get().user_id
        morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
        apply(rule(rule_id=8), [breach("sku:A", store_id=store)], NOW + HOUR)
        apply(rule(rule_id=8), [clear("sku:A", store_id=store)], NOW + 2 * HOUR)
        assert make_digests(morning) == 0, "what an evaluation still writes belongs to it"
        assert make_digests(morning + HOUR) == 1
        assert make_digests(morning + HOUR) == 0
        event = OutboxEvent.objects.get(type="alerts.digest_due")
        since, until = (datetime.fromisoformat(event.payload[name]) for name in ("since", "until"))
        assert (event.payload["user_id"], since, until) == (person, NOW, morning)
        lines = read_digest(since, until)
        assert [(line.subject, line.state, line.notices) for line in lines] == [("sku:A", "resolved", 2)]
        assert make_digests(morning + 100 * HOUR) == 0, "nothing was told since"


def test_the_clock_task_goes_by_the_databases_time(alert: int, acme: ClientRef) -> None:
    """Whatever this process takes the time to be: all that is due is done once."""
    with use_tenant(acme):
        Alert.objects.filter(pk=alert).update(due_at=datetime(2020, 1, 1, tzinfo=UTC))
        Attention.objects.create(user_id=1, time_zone="UTC", digest="daily", changed_at=NOW)
        run_timers()
        run_timers()
        row = Alert.objects.get(pk=alert)
        assert row.due_at is None or row.due_at > datetime(2020, 1, 1, tzinfo=UTC)
    assert len(told(acme)) <= 2
