"""Which targets are live because their owners took note of them, and what the runbooks say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.lib.errors import NotFound
from kpis.models.acknowledgements import Acknowledgement, Runbook
from kpis.selectors.assignments import AssignmentView, list_assignments
from kpis.selectors.plans import list_plan_lines


@dataclass(frozen=True, slots=True)
class AcknowledgementView:
    """Whether a target in force is live.

    `acknowledged_at` is when the last of its owners took note of this version; None while somebody named has
    not, or nobody has where nobody is named. `waiting_for` are the owners who have not.
    """

    store_id: int
    kpi: str
    target_version: int
    acknowledged_at: datetime | None
    acknowledged_by: tuple[str, ...]
    owners: tuple[AssignmentView, ...]
    waiting_for: tuple[AssignmentView, ...]
    runbook_version: int

    @property
    def is_live(self) -> bool:
        """Have all owners taken note?"""
        return self.acknowledged_at is not None


@dataclass(frozen=True, slots=True)
class RunbookView:
    """A version of what to do when a KPI misses its target."""

    kpi: str
    version: int
    text: str
    recorded_at: datetime
    recorded_by: str


def list_acknowledgements(store_ids: Sequence[int], on: date) -> list[AcknowledgementView]:
    """Return every target in force on a day with who has, and who has not, taken note of it."""
    targets = [line.target for line in list_plan_lines(store_ids, on) if line.target.goal.is_set]
    owners: dict[tuple[int, str], list[AssignmentView]] = {}
    kpis = {target.kpi for target in targets}
    for view in list_assignments(on, store_ids=store_ids, kpis=sorted(kpis)) if targets else ():
        owners.setdefault((view.store_id, view.kpi), []).append(view)
    noted: dict[tuple[int, str, int], list[Acknowledgement]] = {}
    for row in Acknowledgement.objects.filter(store_id__in=store_ids).order_by("acknowledged_at"):
        noted.setdefault((row.store_id, row.kpi, row.target_version), []).append(row)
    runbooks = {view.kpi: view.version for view in list_runbooks()}
    return [
        _judge(
            target.store_id,
            target.kpi,
            target.version,
            owners.get((target.store_id, target.kpi), []),
            noted.get((target.store_id, target.kpi, target.version), []),
            runbooks.get(target.kpi, 0),
        )
        for target in targets
    ]


def find_acknowledged_at(store_ids: Sequence[int], on: date) -> Mapping[tuple[int, str], datetime]:
    """Return since when each live target is live, by (store, KPI); targets that are not live are left out."""
    return {
        (view.store_id, view.kpi): view.acknowledged_at
        for view in list_acknowledgements(store_ids, on)
        if view.acknowledged_at is not None
    }


def list_runbooks() -> list[RunbookView]:
    """Return the runbook of every KPI that has one, by key."""
    rows = Runbook.objects.order_by("kpi", "-version").distinct("kpi")
    return [_runbook(row) for row in rows]


def find_runbook(kpi: str) -> RunbookView | None:
    """Return a KPI's runbook; None where there is none."""
    row = Runbook.objects.filter(kpi=kpi).order_by("-version").first()
    return None if row is None else _runbook(row)


def get_runbook(kpi: str) -> RunbookView:
    """Return a KPI's runbook; `NotFound` where there is none."""
    found = find_runbook(kpi)
    if found is None:
        raise NotFound(f"there is no runbook for {kpi!r}")
    return found


def _judge(
    store_id: int,
    kpi: str,
    version: int,
    owners: Sequence[AssignmentView],
    noted: Sequence[Acknowledgement],
    runbook: int,
) -> AcknowledgementView:
    people = {row.user_id for row in noted}
    named = [view for view in owners if view.user_id is not None]
    waiting = tuple(view for view in named if view.user_id not in people) if named else tuple(owners)
    is_live = bool(noted) and not (named and waiting)
    return AcknowledgementView(
        store_id,
        kpi,
        version,
        max(row.acknowledged_at for row in noted) if is_live else None,
        tuple(row.person for row in noted),
        tuple(owners),
        () if is_live else waiting,
        runbook,
    )


def _runbook(row: Runbook) -> RunbookView:
    return RunbookView(row.kpi, row.version, row.text, row.recorded_at, row.recorded_by)
