"""Where the way from the factory to the buyer is late: bottlenecks ranked, with compliant ways out (L11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import CUSTOMS, INBOUND, SHIPMENTS, Known, known_of
from alerts.engine.chain import Leg, LegState, Part, legs_of
from alerts.engine.parameters import decimal, integer
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.facts.deliveries import CustomsDeclaration, InboundShipment, Shipment
from connectors.records import CustomsOutcome

OPTIONS = {
    Leg.INBOUND: gettext_noop(
        "Order earlier by the days lost, book a faster line for the SKUs that run out first, or keep stock "
        "in a local warehouse."
    ),
    Leg.CUSTOMS: gettext_noop(
        "Check tariff codes, values and the importer of record with a licensed broker, correct declarations "
        "filed wrongly, and import in bulk into a local warehouse instead of parcel by parcel."
    ),
    Leg.CUSTOMS_PAPERS: gettext_noop(
        "Complete the set of papers before the goods leave: invoice, packing list, certificate of origin and "
        "the certificates of the goods."
    ),
    Leg.HANDLING: gettext_noop(
        "Move the best sellers to the platform's or a local warehouse, staff the days before weekends, or "
        "state a handling time that can be kept."
    ),
    Leg.PICK_UP: gettext_noop(
        "Agree on a fixed collection with the carrier, hand parcels in before the cut-off, and never confirm "
        "before the hand-over."
    ),
    Leg.LAST_MILE: gettext_noop(
        "Compare carriers by region, ship from a local warehouse, and state a delivery time that can be kept."
    ),
}
_FAILED = (CustomsOutcome.HELD.value, CustomsOutcome.REJECTED.value, CustomsOutcome.RETURNED.value)
_STREAMS = {
    Leg.INBOUND: INBOUND,
    Leg.CUSTOMS: CUSTOMS,
    Leg.CUSTOMS_PAPERS: CUSTOMS,
    Leg.HANDLING: SHIPMENTS,
    Leg.PICK_UP: SHIPMENTS,
    Leg.LAST_MILE: SHIPMENTS,
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    late_share: Decimal = decimal("More late ones than this share of a leg are told.", "0.05", low=0, high=1)
    clear_share: Decimal = decimal("Within this share it is right again.", "0.03", low=0, high=1)
    window_days: int = integer("Looked at are so many days.", 28, low=7, high=180)
    least: int = integer("Legs with fewer pieces are not judged.", 10, low=1, high=100_000)
    pick_up_hours: int = integer("A carrier's first scan later than this is late.", 24, low=1, high=240)
    inbound_days: int = integer("Inbound goods longer on their way than this are late.", 45, low=1, high=365)
    customs_days: int = integer("A declaration undecided for longer is late.", 5, low=1, high=90)

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        return (
            [("clear_share", "Must not lie beyond late_share.")] if self.clear_share > self.late_share else []
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """The legs of a store and how far each is known."""

    store_id: int
    parts: tuple[Part, ...]
    known: Mapping[Leg, Known]


class LogisticsChain(Detector[Parameters, tuple[Chain, ...]]):
    """See the module."""

    key = "logistics_chain"
    title = gettext_noop("Logistics are late")
    meaning = gettext_noop("A leg from the factory to the buyer is late too often; the bottleneck is named.")
    parameters = Parameters
    cadence = timedelta(hours=6)
    listens = frozenset({"kpis.measures_changed"})
    why_not_back = gettext_noop("What is on its way is known for the present only.")

    def rests_on(self, subject: str, parameters: Parameters) -> Sequence[Sequence[str]]:
        """The one stream that brings a leg."""
        return (_STREAMS[Leg(subject.removeprefix("leg:"))],)

    def gather(self, scope: Scope[Parameters]) -> tuple[Chain, ...]:
        """Three statements for all stores."""
        asked = scope.parameters
        today = {store.id: business_day(scope.at, store.time_zone) for store in scope.stores}
        if not today:
            return ()
        last = max(today.values())
        span = (last - timedelta(days=asked.window_days), last)
        parts: dict[int, list[Part]] = defaultdict(list)
        for store_id, part in (
            *_shipments(scope, span),
            *_inbound(scope, span),
            *_customs(scope, span),
        ):
            parts[store_id].append(part)
        known = {leg: known_of(scope, streams) for leg, streams in _STREAMS.items()}
        return tuple(
            Chain(store_id, tuple(own), {leg: found[store_id] for leg, found in known.items()})
            for store_id, own in sorted(parts.items())
        )

    def decide(self, inputs: tuple[Chain, ...], parameters: Parameters) -> list[Check]:
        """Judge each leg and rank it among the store's."""
        return [check for chain in inputs for check in _checks(chain, parameters)]


def _hours(later: str, earlier: str) -> Avg:
    return Avg(ExpressionWrapper(F(later) - F(earlier), output_field=DurationField()))


def _mean(found: timedelta | None) -> Decimal | None:
    return None if found is None else Decimal(int(found.total_seconds())) / 3600


def _shipments(scope: Scope[Parameters], span: tuple[date, date]) -> Iterator[tuple[int, Part]]:
    at, pick_up = scope.at, timedelta(hours=scope.parameters.pick_up_hours)
    rows: Iterable[Any] = (
        Shipment.objects.filter(store_id__in=scope.store_ids, business_on__range=span, cancelled_by="")
        .values("store_id", "carrier", "warehouse")
        .annotate(
            due=Count(
                "id", filter=Q(ship_due_at__isnull=False) & (Q(ship_due_at__lt=at) | Q(shipped_at__lt=at))
            ),
            due_late=Count(
                "id",
                filter=Q(shipped_at__gt=F("ship_due_at")) | Q(shipped_at__isnull=True, ship_due_at__lt=at),
            ),
            due_mean=_hours("shipped_at", "paid_at"),
            sent=Count("id", filter=Q(shipped_at__lt=at - pick_up) | Q(accepted_at__isnull=False)),
            sent_late=Count(
                "id",
                filter=Q(accepted_at__gt=F("shipped_at") + pick_up)
                | Q(accepted_at__isnull=True, shipped_at__lt=at - pick_up),
            ),
            sent_mean=_hours("accepted_at", "shipped_at"),
            promised=Count(
                "id", filter=Q(promised_at__isnull=False) & (Q(promised_at__lt=at) | Q(delivered_at__lt=at))
            ),
            promised_late=Count(
                "id",
                filter=Q(delivered_at__gt=F("promised_at"))
                | Q(delivered_at__isnull=True, promised_at__lt=at),
            ),
            promised_mean=_hours("delivered_at", "accepted_at"),
        )
    )
    for row in rows:
        legs = ((Leg.HANDLING, "due", "warehouse"), (Leg.PICK_UP, "sent", "carrier"))
        for leg, name, place in (*legs, (Leg.LAST_MILE, "promised", "carrier")):
            if row[name]:
                late, mean = row[f"{name}_late"], _mean(row[f"{name}_mean"])
                yield row["store_id"], Part(leg, row[place], row[name], late, mean)


def _inbound(scope: Scope[Parameters], span: tuple[date, date]) -> Iterator[tuple[int, Part]]:
    limit = timedelta(days=scope.parameters.inbound_days)
    first = span[0] - limit
    rows = (
        InboundShipment.objects.filter(store_id__in=scope.store_ids, business_on__range=(first, span[1]))
        .filter(Q(received_at__isnull=False) | Q(departed_at__lt=scope.at - limit))
        .values("store_id", "carrier", "warehouse")
        .annotate(
            pieces=Count("id"),
            late=Count(
                "id", filter=Q(received_at__gt=F("departed_at") + limit) | Q(received_at__isnull=True)
            ),
            mean=_hours("received_at", "departed_at"),
        )
    )
    for row in rows:
        place = " → ".join(each for each in (row["carrier"], row["warehouse"]) if each)
        yield row["store_id"], Part(Leg.INBOUND, place, row["pieces"], row["late"], _mean(row["mean"]))


def _customs(scope: Scope[Parameters], span: tuple[date, date]) -> Iterator[tuple[int, Part]]:
    limit = timedelta(days=scope.parameters.customs_days)
    failed = Q(outcome__in=_FAILED)
    waiting = Q(decided_at__isnull=True, declared_at__lt=scope.at - limit)
    rows: Iterable[Any] = (
        CustomsDeclaration.objects.filter(store_id__in=scope.store_ids, business_on__range=span)
        .values("store_id")
        .annotate(
            decided=Count("id", filter=Q(decided_at__isnull=False) | waiting),
            late=Count("id", filter=failed | waiting | Q(decided_at__gt=F("declared_at") + limit)),
            mean=_hours("decided_at", "declared_at"),
            papers=Count("id", filter=Q(documents_required__gt=0)),
            papers_short=Count("id", filter=Q(documents_valid__lt=F("documents_required"))),
        )
    )
    for row in rows:
        if row["decided"]:
            yield row["store_id"], Part(Leg.CUSTOMS, "", row["decided"], row["late"], _mean(row["mean"]))
        if row["papers"]:
            yield row["store_id"], Part(Leg.CUSTOMS_PAPERS, "", row["papers"], row["papers_short"], None)


def _checks(chain: Chain, asked: Parameters) -> Iterator[Check]:
    legs = legs_of(chain.parts)
    for rank, state in enumerate(legs, 1):
        yield _check(chain, state, rank, len(legs), asked)


def _check(chain: Chain, state: LegState, rank: int, legs: int, asked: Parameters) -> Check:
    known = chain.known[state.leg]
    problem = known.problem or ("too_few" if state.count < asked.least else "")
    verdict = Verdict.NO_DATA
    if not problem:
        verdict = Limit(Side.ABOVE, asked.late_share, asked.clear_share).judge(state.share)
    basis, evidence = say(
        gettext_noop(
            "{leg}: {late} of {count} were late or failed ({share}) in {days} days, {hours} hours on "
            "average; most at {worst} ({late_there}). Rank {rank} of {legs}."
        ),
        leg=state.leg.value,
        late=state.late,
        count=state.count,
        share=percent(state.share),
        days=asked.window_days,
        hours=None if state.mean_hours is None else plain(state.mean_hours, 1),
        worst=state.worst or "–",
        late_there=state.late_there,
        rank=rank,
        legs=legs,
    )
    evidence["options"] = OPTIONS[state.leg]
    if verdict is Verdict.NO_DATA:
        evidence |= {"reason": problem} if problem else {"held": HELD}
    as_of: datetime | None = known.as_of
    return Check(
        subject=f"leg:{state.leg.value}",
        verdict=verdict,
        store_id=chain.store_id,
        observed=Decimal(plain(state.share)),
        limit=asked.late_share,
        unit="fraction",
        basis=basis,
        as_of=as_of,
        evidence=evidence,
    )


DETECTOR = LogisticsChain()
