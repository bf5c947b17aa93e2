"""`make soak-alerts`: are due notices delivered at least once and deduplicably, whatever breaks on the way?

A run is a seed: alerts fire, change and resolve, by evaluations that are repeated and reordered, while
evaluators and workers are killed with SIGKILL at random moments, Redis is emptied, hints come up to three
times and in any order, clocks of processes differ by up to ten minutes, and the receiver fails, hangs up, or
takes a message and never says so. Then nobody is killed any more and the work is let to its end, given-up
deliveries are replayed to a receiver that is well again, and it has to hold:

* each notice of each alert reached each webhook, and the group chat (none lost);
* each has one webhook-id, each id one body: counted by id, the effects are the notices (none twice);
* there is a delivery per notice and way, all sent; each alert stands as its last check says.

Leases, claims and pauses are shortened, nothing else of the product is changed. `--control` notes a delivery
as sent before it is sent, and must fail.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
os.environ.setdefault("LOG_LEVEL", "ERROR")
django.setup()

from django.conf import settings  # noqa: E402 - Django has to be set up first
from django.db import connections  # noqa: E402

from alerts.channels.base import DeliveryRefused  # noqa: E402
from alerts.models import Alert, AlertStep, Channel, Delivery  # noqa: E402
from alerts.services import send  # noqa: E402
from alerts.services.channels import create_channel  # noqa: E402
from alerts.services.deliver import SEND_JOB  # noqa: E402
from alerts.services.replay import replay  # noqa: E402
from alerts.services.sealing import find_setup  # noqa: E402
from alerts.services.transitions import apply  # noqa: E402
from alerts.tasks import deliver as tasks  # noqa: E402
from alerts.types import AlertState, Check, Policy, Receipt, RuleView, Severity, Verdict  # noqa: E402
from config.lib import clock  # noqa: E402
from tenants import messages, registry  # noqa: E402
from tenants.context import use_public, use_tenant  # noqa: E402
from tenants.ledger.models import Job, OutboxEvent  # noqa: E402
from tenants.models import Client  # noqa: E402
from tenants.services import jobs  # noqa: E402
from tests.soak.hints import Hints, flush  # noqa: E402
from tests.soak.ledger import Ledger, Received, receiving  # noqa: E402

ORIGIN = "https://hooks.example.com"
HOOKS = ("/one", "/two")
CHAT = "https://hooks.slack.com"
EPOCH = datetime(2026, 11, 2, 6, tzinfo=UTC)
PATIENCE_SECONDS = 60.0
_OURS = ("alerts.deliver", SEND_JOB)
_BEAT = ("tenants.dispatch_outbox", "tenants.reconcile_jobs", "alerts.dispatch_sweeps")


@dataclass
class Figures:
    """What happened in all runs."""

    runs: int = 0
    notices: int = 0
    deliveries: int = 0
    received: int = 0
    repeated: int = 0
    kills: int = 0
    flushes: int = 0
    replayed: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a seed makes happen: the rule, and what its evaluations find, in the order of time."""

    rule: RuleView
    looks: tuple[tuple[datetime, tuple[Check, ...]], ...]


def plan_of(seed: int, rng: random.Random) -> Plan:
    """A rule of its own with two to five subjects that come and go over two to four looks."""
    rule = RuleView(
        id=100_000 + seed,
        version=1,
        key=f"soak-{seed}",
        detector="soak",
        title=f"Soak {seed}",
        store_ids=(),
        parameters={},
        severity=Severity.WARNING,
        policy=Policy(repeat_hours=0, flap_hold_minutes=0),
        owner="",
        is_required=False,
        is_active=True,
    )
    start = EPOCH + timedelta(hours=seed)
    subjects = [f"kpi:{n}" for n in range(rng.randint(2, 5))]
    looks = []
    for step in range(rng.randint(2, 4)):
        checks = tuple(_check(subject, step, rng) for subject in subjects)
        looks.append((start + timedelta(minutes=10 * step), checks))
    return Plan(rule, tuple(looks))


def _check(subject: str, step: int, rng: random.Random) -> Check:
    is_breach = step == 0 or rng.random() < 0.5
    return Check(
        subject=subject,
        verdict=Verdict.BREACH if is_breach else Verdict.CLEAR,
        store_id=None,
        observed=Decimal(rng.randint(1, 99)) / 100,
        limit=Decimal("0.3"),
        unit="fraction",
        basis="the last 7 days",
        as_of=EPOCH,
        severity=rng.choice((Severity.WARNING, Severity.CRITICAL)),
    )


def shorten() -> None:
    """Let what is measured in minutes take fractions of a second."""
    send.CLAIM = timedelta(seconds=0.4)
    send.RETRY_BASE_SECONDS, send.RETRY_CAP_SECONDS = 0.01, 0.1
    jobs.RETRY_BASE_SECONDS, jobs.RETRY_CAP_SECONDS = 0.01, 0.1
    jobs.REWAKE = timedelta(seconds=0.1)
    for kind in _OURS:
        registry._jobs[kind] = replace(registry.get_job_spec(kind), lease=timedelta(seconds=0.6))


def send_at_most_once(delivery_id: int) -> str:
    """The control: noted before it is sent. Who dies in between, or is refused, has lost it."""
    taken = send.claim(delivery_id)
    if isinstance(taken, str):
        return taken
    state = send._note_sent(taken, Receipt("control"))
    try:
        send._send(taken, find_setup(taken.channel_id))
    except DeliveryRefused:
        return state
    return state


class Soak:
    """One client, its channels, and the processes that are started and killed."""

    def __init__(self, client_id: int, ledger: Ledger, figures: Figures) -> None:
        self.client_id, self.ledger, self.figures = client_id, ledger, figures
        settings.PLATFORM_ENDPOINTS = {ORIGIN: ledger.origin, CHAT: ledger.origin}

    def prepare(self) -> None:
        """Set the channels up: two webhooks and a group chat."""
        with use_tenant(self.client_id):
            Channel.objects.all().delete()
            for place in HOOKS:
                create_channel(kind="webhook", name=place, config={"url": ORIGIN + place}, secrets={})
            create_channel(kind="slack", name="chat", config={}, secrets={"path": "/services/T0/B0/X0"})

    def run(self, seed: int) -> None:
        """One seed: chaos, healing, and what has to hold then."""
        rng = random.Random(seed)
        plan = plan_of(seed, rng)
        self.ledger.misbehave(True)
        self._finish(self._start(lambda: evaluate(Plan(plan.rule, plan.looks[:1]), None), rng))
        for _ in range(rng.randint(3, 6)):
            self._chaos(plan, rng)
        self._finish(self._start(lambda: evaluate(plan, None), rng))
        self._finish(self._start(lambda: work_to_the_end(self.client_id, random.Random(seed)), rng))
        self.ledger.misbehave(False)
        if self._replay_given_up():
            self._finish(self._start(lambda: work_to_the_end(self.client_id, random.Random(seed)), rng))
        self._judge(seed, plan)
        self.figures.runs += 1

    def _chaos(self, plan: Plan, rng: random.Random) -> None:
        """Some processes at once, a moment later killed where they are."""
        works: list[Callable[[], None]] = [
            lambda: work(random.Random(rng.random()), lambda: False)
        ] * rng.randint(1, 2)
        works.append(lambda: evaluate(plan, random.Random(rng.random())))
        pids = [self._start(each, rng) for each in works]
        time.sleep(rng.uniform(0.05, 0.4))
        if rng.random() < 0.5:
            flush()
            self.figures.flushes += 1
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self.figures.kills += 1

    def _start(self, what: Callable[[], None], rng: random.Random) -> int:
        """A process that works for the client, by a clock of its own."""
        off = timedelta(seconds=rng.uniform(-600, 600))
        hints = rng.random()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            Hints(random.Random(hints)).install()
            with clock.set_clock(lambda: datetime.now(UTC) + off), use_tenant(self.client_id):
                what()
            code = 0
        except BaseException as error:  # noqa: BLE001 - a fork must not run on into its parent's code
            print(f"a process failed: {error!r}", file=sys.stderr)  # noqa: T201
        finally:
            os._exit(code)

    def _finish(self, pid: int) -> None:
        """Wait for a process to do its work; the run fails if it does not."""
        _, status = os.waitpid(pid, 0)
        if status:
            self.figures.faults.append(f"a process that nobody killed ended with {status}")

    def _replay_given_up(self) -> int:
        with use_tenant(self.client_id):
            ids = list(Delivery.objects.filter(state__in=("dead", "failed")).values_list("id", flat=True))
            for each in ids:
                replay(each)
        connections.close_all()
        self.figures.replayed += len(ids)
        return len(ids)

    def _judge(self, seed: int, plan: Plan) -> None:
        received = self.ledger.new()
        with use_tenant(self.client_id):
            faults = judge(plan, received, self.figures)
        connections.close_all()
        self.figures.faults += [f"seed {seed}: {fault}" for fault in faults]


def evaluate(plan: Plan, rng: random.Random | None) -> None:
    """Apply the looks: in order to the end, or (with `rng`) repeated and in any order until killed."""
    if rng is None:
        for at, checks in plan.looks:
            apply(plan.rule, checks, at)
        return
    while True:
        # A look may be applied long after it was made, but none before the one it follows from.
        known = plan.looks[: rng.randint(1, len(plan.looks))]
        for at, checks in rng.sample(known, len(known)):
            apply(plan.rule, checks, at)
        time.sleep(rng.uniform(0, 0.02))


def work(rng: random.Random, is_done: Callable[[], bool]) -> None:
    """Do what hints say; without any, what the clock would say."""
    hints = Hints(rng)
    while not is_done():
        hint = hints.take()
        if hint is None:
            for name in _BEAT:
                messages.get_task(name).run()
            hint = hints.take()
        if hint is None:
            time.sleep(0.005)
        else:
            name, message = hint
            messages.get_task(name).run(**message)


def work_to_the_end(client_id: int, rng: random.Random) -> None:
    """Work until no event, job or delivery is left; fails after a while."""
    end = time.monotonic() + PATIENCE_SECONDS

    def is_done() -> bool:
        if time.monotonic() > end:
            raise TimeoutError("the work does not come to its end")
        return not (
            OutboxEvent.objects.filter(dispatched_at=None).exists()
            or Job.objects.filter(kind__in=_OURS, state__in=("queued", "running", "waiting")).exists()
            or Delivery.objects.filter(state="queued").exists()
        )

    work(rng, is_done)


def judge(plan: Plan, received: list[Received], figures: Figures) -> list[str]:
    """What does not hold of one run."""
    faults = []
    alerts = {alert.pk: alert for alert in Alert.objects.filter(rule_id=plan.rule.id)}
    steps = AlertStep.objects.filter(alert_id__in=list(alerts), sequence__isnull=False)
    due = {(step.alert_id, step.sequence) for step in steps}
    for subject, wanted in _wanted(plan).items():
        (now,) = [alert for alert in alerts.values() if alert.subject == subject and alert.is_current]
        if (now.state == AlertState.RESOLVED.value) is wanted:
            faults.append(f"{subject} is {now.state}")
    for place in HOOKS:
        faults += _judge_hook(place, due, received, figures)
    texts = [each.body for each in received if each.path.startswith("/services/")]
    lost = {alert for alert, _ in due if not any(_names(text, alert) for text in texts)}
    if lost:
        faults.append(f"the chat never heard of {sorted(lost)}")
    rows = list(Delivery.objects.filter(alert_id__in=list(alerts)))
    ways = {(row.alert_id, row.sequence, row.channel_id, row.recipient_id) for row in rows}
    if len(rows) != len(ways) or len(rows) != len(due) * (len(HOOKS) + 1):
        faults.append(f"{len(rows)} deliveries of {len(due)} notices by three ways")
    if unsent := [row.pk for row in rows if row.state != "sent"]:
        faults.append(f"deliveries {unsent} were not sent")
    figures.notices += len(due)
    figures.deliveries += len(rows)
    figures.received += len(received)
    return faults


def _names(text: str, alert_id: int) -> bool:
    """Whether a chat message holds the link of an alert, and not merely that of 12 where 1 is meant."""
    return re.search(rf"/alerts/{alert_id}(?!\d)", text) is not None


def _wanted(plan: Plan) -> dict[str, bool]:
    """By subject, whether it has to fire at the end."""
    _, checks = plan.looks[-1]
    return {check.subject: check.verdict is Verdict.BREACH for check in checks}


def _judge_hook(
    place: str, due: set[tuple[int, int | None]], received: list[Received], figures: Figures
) -> list[str]:
    ids: dict[tuple[int, int], set[str]] = {}
    digests: dict[str, set[str]] = {}
    calls = [each for each in received if each.path == place]
    for call in calls:
        data = json.loads(call.body)["data"]
        ids.setdefault((data["alert_id"], data["sequence"]), set()).add(call.message_id)
        digests.setdefault(call.message_id, set()).add(call.digest)
    figures.repeated += len(calls) - len(digests)
    faults = []
    if lost := due - set(ids):
        faults.append(f"{place}: lost {sorted(lost, key=str)}")
    if invented := set(ids) - due:
        faults.append(f"{place}: nobody owed {sorted(invented)}")
    if several := {key for key, found in ids.items() if len(found) > 1}:
        faults.append(f"{place}: not deduplicable, several ids for {sorted(several)}")
    if changed := {key for key, found in digests.items() if len(found) > 1}:
        faults.append(f"{place}: one id with several bodies: {sorted(changed)}")
    return faults


def main(arguments: list[str]) -> int:
    """Run the seeds, print the figures; 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--client", default="", help="Use this client of the configured database.")
    parser.add_argument("--control", action="store_true", help="Sabotage delivery: the soak has to fail.")
    asked = parser.parse_args(arguments)
    shorten()
    if asked.control:
        setattr(tasks, "send_delivery", send_at_most_once)  # noqa: B010 - an import of theirs, replaced
    started, figures = time.monotonic(), Figures()
    with ExitStack() as stack:
        client_id = _client(asked.client, stack)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        connections.close_all()
        ledger = stack.enter_context(receiving(folder, asked.first))
        soak = Soak(client_id, ledger, figures)
        soak.prepare()
        connections.close_all()
        for seed in range(asked.first, asked.first + asked.seeds):
            soak.run(seed)
    told = {**vars(figures), "faults": len(figures.faults), "seconds": round(time.monotonic() - started, 1)}
    print(json.dumps(told))  # noqa: T201
    for fault in figures.faults[:20]:
        print(fault, file=sys.stderr)  # noqa: T201
    return 1 if figures.faults or not figures.notices else 0


def _client(slug: str, stack: ExitStack) -> int:
    if slug:
        with use_public():
            found: int = Client.objects.get(slug=slug).pk
            return found
    # What benchmarks start on: a database and a Redis of the program's own.
    from benchmarks import database

    stack.enter_context(database.throwaway())
    return database.make_client("soak").id


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
