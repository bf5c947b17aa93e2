"""Too many bad reviews, or bad ratings of the seller (L9), with what may lawfully be done about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import FEEDBACK, REVIEWS, Known, known_of
from alerts.engine.parameters import flag, integer, words
from alerts.engine.saying import say
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.facts.service import Feedback
from connectors.facts.voices import Review

OPTIONS = gettext_noop(
    "Find the cause in the returns and messages of the SKU, mend it, and answer publicly or by the "
    "platform's own contact button. Offer no refund, gift or favour for changing a review: every platform "
    "forbids it. Report reviews that break the platform's rules."
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    count: int = integer("So many bad ones are allowed; one more is told.", 2, low=0, high=10_000)
    clear_count: int = integer("With so many it is right again.", 1, low=0, high=10_000)
    stars: int = integer("A rating of so many stars or fewer is bad.", 2, low=1, high=4)
    window_days: int = integer("Counted over so many days.", 7, low=1, high=92)
    by_sku: bool = flag("Count each SKU for itself (reviews only).", False)
    with_feedback: bool = flag("Also count ratings of the seller, for themselves.", True)
    skus: tuple[str, ...] = words("Only reviews of these SKUs; all if empty.")

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        if self.clear_count > self.count:
            return [("clear_count", "Must not be more than the count.")]
        return []


@dataclass(frozen=True, slots=True)
class Voices:
    """The ratings of a store over the window: stars by subject ("" the whole store)."""

    store_id: int
    source: str
    first: date
    last: date
    known: Known
    stars: tuple[tuple[str, int], ...]


class BadReviews(Detector[Parameters, tuple[Voices, ...]]):
    """See the module."""

    key = "bad_reviews"
    title = gettext_noop("Bad reviews")
    meaning = gettext_noop("More bad reviews or ratings came in than are allowed.")
    parameters = Parameters
    cadence = timedelta(hours=2)
    listens = frozenset({"kpis.measures_changed"})
    can_look_back = True

    def rests_on(self, subject: str, parameters: Parameters) -> Sequence[Sequence[str]]:
        """What a SKU, a campaign or a count is made of."""
        return (REVIEWS,)

    def gather(self, scope: Scope[Parameters]) -> tuple[Voices, ...]:
        """One statement for reviews and one for feedback, for all stores."""
        asked = scope.parameters
        today = {store.id: business_day(scope.at, store.time_zone) for store in scope.stores}
        if not today:
            return ()
        span = (min(today.values()) - timedelta(days=asked.window_days - 1), max(today.values()))
        return tuple(_read(scope, today, span))

    def decide(self, inputs: tuple[Voices, ...], parameters: Parameters) -> list[Check]:
        """Count what is bad."""
        return [check for each in inputs for check in _checks(each, parameters)]


def _read(scope: Scope[Parameters], today: dict[int, date], span: tuple[date, date]) -> Iterator[Voices]:
    asked = scope.parameters
    reviews: dict[int, list[tuple[str, int, date]]] = defaultdict(list)
    rows = Review.objects.filter(store_id__in=scope.store_ids, business_on__range=span)
    for store_id, sku, rating, on in rows.values_list("store_id", "sku", "rating", "business_on"):
        if not asked.skus or sku in asked.skus:
            reviews[store_id].append((sku if asked.by_sku else "", rating, on))
    feedback: dict[int, list[tuple[str, int, date]]] = defaultdict(list)
    if asked.with_feedback:
        found = Feedback.objects.filter(store_id__in=scope.store_ids, business_on__range=span)
        for store_id, rating, on in found.values_list("store_id", "rating", "business_on"):
            feedback[store_id].append(("", rating, on))
    sources = [("reviews", REVIEWS, reviews)]
    sources += [("seller_feedback", FEEDBACK, feedback)] if asked.with_feedback else []
    for name, streams, voices in sources:
        known = known_of(scope, streams)
        for store_id, last in today.items():
            first = last - timedelta(days=asked.window_days - 1)
            stars = tuple((sku, rating) for sku, rating, on in voices[store_id] if first <= on <= last)
            if known[store_id].problem == "never_synced" and not stars:
                # A store that has no such source at all is nothing to be told of.
                continue
            yield Voices(store_id, name, first, last, known[store_id], stars)


def _checks(voices: Voices, asked: Parameters) -> Iterator[Check]:
    bad = Counter(subject for subject, rating in voices.stars if rating <= asked.stars)
    subjects = dict.fromkeys(subject for subject, _ in voices.stars) if asked.by_sku else {}
    for subject in subjects if voices.source == "reviews" and asked.by_sku else [""]:
        yield _check(voices, subject, bad[subject], asked)


def _check(voices: Voices, sku: str, bad: int, asked: Parameters) -> Check:
    if voices.known.problem:
        verdict = Verdict.NO_DATA
    elif bad > asked.count:
        verdict = Verdict.BREACH
    else:
        verdict = Verdict.CLEAR if bad <= asked.clear_count else Verdict.NO_DATA
    total = sum(1 for subject, _ in voices.stars if not sku or subject == sku)
    basis, evidence = say(
        gettext_noop(
            "{bad} of {total} {source} from {first} to {last} have {stars} stars or fewer; "
            "{count} are allowed."
        ),
        bad=bad,
        total=total,
        source=voices.source,
        first=voices.first,
        last=voices.last,
        stars=asked.stars,
        count=asked.count,
    )
    evidence["options"] = OPTIONS
    evidence |= {"sku": sku} if sku else {}
    evidence |= {"reason": voices.known.problem} if voices.known.problem else {}
    as_of: datetime | None = voices.known.as_of
    return Check(
        subject=f"{voices.source}:{sku}" if sku else voices.source,
        verdict=verdict,
        store_id=voices.store_id,
        observed=Decimal(bad),
        limit=Decimal(asked.count),
        unit="count",
        basis=basis,
        as_of=as_of,
        evidence=evidence,
    )


DETECTOR = BadReviews()
