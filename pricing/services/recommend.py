"""Looking at many listings: from what is known of each to a suggestion, or to why there is none.

A run goes through its listings in the order of their SKUs, some hundreds at a time. Each step is one
transaction: contexts, halts, rules, checks, the order within families, suggestions, one item per listing and
how far the run came. A run that was killed goes on behind its last step, and a listing that cannot be judged
fails alone, with its problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import AppError
from pricing.models import PricingRun, PricingRunEvent, PricingRunItem
from pricing.selectors.runs import COUNTS, get_run, list_listed_skus
from pricing.services.judge import Verdict, judge_listings
from pricing.types import Outcome, Trigger
from tenants import audit
from tenants.context import current_actor

STEP = 500
FAILED = "failed"
_COLUMN: Mapping[str, str] = {
    Outcome.SUGGEST.value: "suggested",
    Outcome.HOLD.value: "held",
    Outcome.BLOCKED.value: "blocked",
    Outcome.REFUSED.value: "refused",
    FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run came to: listings by outcome; of the suggestions, how many are new and how many stood."""

    run_id: int
    suggested: int
    held: int
    blocked: int
    refused: int
    failed: int
    opened: int
    confirmed: int

    @property
    def total(self) -> int:
        """All listings that were looked at."""
        return self.suggested + self.held + self.blocked + self.refused + self.failed


class RunGone(AppError):
    """The run's row is not there: whoever asked for it took it back."""

    code = "run_gone"
    title = "The pricing run is not there"
    permanent = True


def refresh(*, store_id: int, skus: Sequence[str] | None = None, run_id: int | None = None) -> RunResult:
    """Look at a store's listings (or at `skus`) here and now, from where the run `run_id` stands, if one is
    named, else in a run of its own."""
    if run_id is None:
        run_id = PricingRun.objects.create(
            store_id=store_id,
            trigger=Trigger.MANUAL.value,
            skus=sorted(set(skus or ())),
            requested_at=clock.now(),
            requested_by=current_actor().label,
        ).pk
    return work_off(run_id)


def work_off(run_id: int, beat: Callable[[Mapping[str, Any]], None] | None = None) -> RunResult:
    """Do what is left of a run, step by step. `beat` is told how far it is inside each step's transaction,
    and may raise to stop it: then the step did not happen."""
    todo: list[str] | None = None
    while True:
        with transaction.atomic():
            run = PricingRun.objects.select_for_update().filter(pk=run_id).first()
            if run is None:
                raise RunGone(f"There is no pricing run {run_id}.")
            if run.finished_at is not None:
                break
            if todo is None:
                todo = _begin(run)
            if beat is not None:
                beat(progress_of(run))
            step, todo = todo[:STEP], todo[STEP:]
            if step:
                _do(run, step)
            if not todo:
                _finish(run)
    row = get_run(run_id)
    return RunResult(run_id, *(row[name] for name in (*COUNTS, "opened", "confirmed")))


def progress_of(run: PricingRun) -> dict[str, Any]:
    """How far a run is, in counts."""
    counts = {name: getattr(run, name) for name in (*COUNTS, "opened", "confirmed")}
    return {"run_id": run.pk, "total": run.total, "done": sum(counts[name] for name in COUNTS), **counts}


def _begin(run: PricingRun) -> list[str]:
    """The SKUs that are left, in order; the first time also how many there are at all."""
    whole = sorted(run.skus or list_listed_skus(run.store_id))
    if run.started_at is None:
        run.started_at, run.total = clock.now(), len(whole)
        run.save(update_fields=["started_at", "total"])
        _note(run, "started")
    return [sku for sku in whole if sku > run.last_sku]


def _do(run: PricingRun, skus: Sequence[str]) -> None:
    verdicts = judge_listings(store_id=run.store_id, skus=skus, run_id=run.pk)
    PricingRunItem.objects.bulk_create([_item(run.pk, verdict) for verdict in verdicts], batch_size=STEP)
    for verdict in verdicts:
        column = _COLUMN[verdict.outcome]
        setattr(run, column, getattr(run, column) + 1)
        if verdict.recommendation_id is not None:
            told = "opened" if verdict.is_new else "confirmed"
            setattr(run, told, getattr(run, told) + 1)
    run.last_sku = skus[-1]
    run.save()
    _note(run, "progress")


def _finish(run: PricingRun) -> None:
    run.finished_at = clock.now()
    run.save(update_fields=["finished_at"])
    _note(run, "finished")
    audit.record("pricing_run.finished", target=("pricing_run", run.pk), after=progress_of(run))


def _note(run: PricingRun, kind: str) -> None:
    last = (
        PricingRunEvent.objects.filter(run_id=run.pk).order_by("-seq").values_list("seq", flat=True).first()
    )
    PricingRunEvent.objects.create(
        run_id=run.pk, seq=(last or 0) + 1, kind=kind, at=clock.now(), data=progress_of(run)
    )


def _item(run_id: int, verdict: Verdict) -> PricingRunItem:
    return PricingRunItem(
        run_id=run_id,
        sku=verdict.sku,
        outcome=verdict.outcome,
        headline=verdict.headline,
        reasons=[
            {"code": reason.code, "text": reason.text, "values": dict(reason.values)}
            for reason in verdict.reasons
        ],
        codes=sorted({reason.code for reason in verdict.reasons}),
        currency=verdict.currency,
        current_amount=verdict.current,
        suggested_amount=verdict.price,
        recommendation_id=verdict.recommendation_id,
    )
