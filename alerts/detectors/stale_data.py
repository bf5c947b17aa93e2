"""Data or uploads that are late: the one detector to which missing data are a breach (L3).

Every other detector keeps its alerts as they are while data are missing, so this one has to speak.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import flag, integer, words
from alerts.engine.saying import plain, say
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop
from connectors.selectors.freshness import list_freshness
from connectors.selectors.upload_plans import DueUpload, list_due
from connectors.types import FreshnessState, StreamFreshness


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    streams: tuple[str, ...] = words("Only these streams; all if empty.")
    grace_hours: int = integer("So many hours a stale stream is still borne.", 0, low=0, high=720)
    with_uploads: bool = flag("Also tell of files that people have to hand in.", True)
    with_never: bool = flag("Also tell of streams that never delivered anything.", False)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The state of every stream, and of every upload that is planned."""

    at: datetime
    streams: tuple[StreamFreshness, ...]
    uploads: tuple[DueUpload, ...]


class StaleData(Detector[Parameters, Inputs]):
    """See the module."""

    key = "stale_data"
    title = gettext_noop("Data are late")
    meaning = gettext_noop("A stream or a planned upload has not delivered in time.")
    parameters = Parameters
    severity = Severity.WARNING
    cadence = timedelta(minutes=15)
    listens = frozenset({"connectors.attention_needed"})

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """One statement for the streams, and those of the upload plans."""
        asked = scope.parameters
        streams = scope.reads.once(("streams", scope.store_ids), lambda: list_freshness(scope.store_ids))
        uploads: list[DueUpload] = []
        if asked.with_uploads:
            uploads = scope.reads.once("uploads", lambda: list_due(only_due=False))
        return Inputs(
            scope.at,
            tuple(each for each in streams if not asked.streams or each.stream in asked.streams),
            tuple(each for each in uploads if each.plan.store_id in scope.store_ids),
        )

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Judge each stream and each plan."""
        streams = [
            _stream(each, inputs.at, parameters)
            for each in inputs.streams
            if parameters.with_never or each.state is not FreshnessState.NEVER
        ]
        return [*streams, *(_upload(each, inputs.at) for each in inputs.uploads)]


def _stream(each: StreamFreshness, at: datetime, asked: Parameters) -> Check:
    as_of = each.data_as_of or each.last_success_at
    age = None if as_of is None else Decimal(int((at - as_of).total_seconds())) / 3600
    is_late = each.state is not FreshnessState.FRESH
    is_borne = each.state is FreshnessState.STALE and age is not None and age <= asked.grace_hours
    basis, evidence = say(
        gettext_noop("Stream {stream} is {state}: its data are {hours} hours old, as of {as_of}. {problem}"),
        stream=each.stream,
        state=each.state.value,
        hours=None if age is None else plain(age, 1),
        as_of=as_of,
        problem=each.last_problem,
    )
    evidence["covered_through"] = each.covered_through.isoformat() if each.covered_through else "–"
    return Check(
        subject=f"stream:{each.stream}",
        verdict=Verdict.BREACH if is_late and not is_borne else Verdict.CLEAR,
        store_id=each.store_id,
        observed=None if age is None else Decimal(plain(age, 2)),
        limit=Decimal(asked.grace_hours) if asked.grace_hours else None,
        unit="hours",
        basis=basis.strip(),
        as_of=as_of,
        evidence=evidence,
    )


def _upload(each: DueUpload, at: datetime) -> Check:
    basis, evidence = say(
        gettext_noop("The file of {dataset} was due on {due_on}; it is {late} days late beyond its grace."),
        dataset=each.plan.dataset,
        due_on=each.due_on,
        late=each.overdue_days,
    )
    evidence |= {"owner": each.plan.owner} if each.plan.owner else {}
    return Check(
        subject=f"upload:{each.plan.dataset}",
        verdict=Verdict.BREACH if each.overdue_days > 0 else Verdict.CLEAR,
        store_id=each.plan.store_id,
        observed=Decimal(each.overdue_days),
        limit=Decimal(0),
        unit="days",
        basis=basis,
        as_of=at,
        evidence=evidence,
    )


DETECTOR = StaleData()
