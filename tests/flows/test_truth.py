"""Do the scorecards say what truly happened in the simulated world, to the cent and to the last null?

The way is the product's whole way: HTTP answers of the simulated Amazon, syncs as durable jobs, the outbox,
the roll-up, the scorecard. The other side is computed from the world itself and shares no code with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext

import pytest

from config.lib.calendars import Period, PeriodKind
from config.lib.clock import FrozenClock
from connectors.simulator.testing import Running
from connectors.simulator.world import Size, World, generate
from tenants.types import ClientRef
from tests.flows import ground
from tests.flows.conftest import served
from tests.flows.ground import Shop
from tests.flows.truth import MONEY_KPIS, Oracle, shown

END = date(2026, 7, 15)
# Mid-day in Mexico and the United States, already tomorrow in Japan.
FIRST_LOOK = datetime(2026, 7, 15, 19, 40, tzinfo=UTC)
SECOND_LOOK = FIRST_LOOK + timedelta(days=9, hours=8)
BACKFILL_DAYS = 60
WEEKS = ("2026-W24", "2026-W26", "2026-W28", "2026-W29")
MONTHS = ("2026-06", "2026-07")
PERIODS = tuple(Period.parse(text) for text in (*WEEKS, *MONTHS))
BEFORE_EVERYTHING = Period.parse("2026-W14")
CLOSE = Decimal("1e-9")


def world_of(*, mixed: bool) -> World:
    """A client with three stores and 45 days of past; `mixed` bills costs in foreign money."""
    return generate(11, END, Size(accounts=1, skus=6, days=45, horizon=14, volume=0.5, mixed_costs=mixed))


@pytest.fixture(scope="module", params=[False, True], ids=["native costs", "costs in foreign money"])
def world(request: pytest.FixtureRequest) -> World:
    """Both kinds of world."""
    return world_of(mixed=request.param)


@pytest.fixture
def sim(world: World) -> Iterator[tuple[Running, FrozenClock]]:
    """The world, served at the first look."""
    with served(world, FIRST_LOOK) as pair:
        yield pair


def begin(world: World) -> dict[str, Shop]:
    """Connect, price and sync everything for the first time, and roll it up."""
    ground.import_rates()
    shops = ground.open_shops(world, backfill_days=BACKFILL_DAYS)
    ground.record_costs(world)
    ground.sync_everything(shops.values())
    assert ground.roll_up()
    return shops


def differences(
    oracle: Oracle, shops: dict[str, Shop], period: Period, *, as_known_at: datetime | None = None
) -> list[str]:
    """Where the scorecards of each store, and of all of them, differ from the truth."""
    found: list[str] = []
    for key, shop in shops.items():
        lines = ground.scorecard(period, [shop.id], as_known_at=as_known_at)
        found += _compared(f"{key} {period.id}", lines, oracle.store(key, period), oracle, period, [key])
    lines = ground.scorecard(period, [shop.id for shop in shops.values()], as_known_at=as_known_at)
    values = oracle.all_stores(shops, period)
    return found + _compared(f"all stores {period.id}", lines, values, oracle, period, list(shops))


def _compared(
    where: str,
    lines: dict[str, dict[str, object]],
    values: dict[str, Decimal | None],
    oracle: Oracle,
    period: Period,
    keys: list[str],
) -> list[str]:
    # The world knows no shipments, papers or claims; KPIs of those are held against SQL in tests/kpis.
    assert values.keys() <= lines.keys()
    found = []
    for kpi, true in values.items():
        line = lines[kpi]
        if line["value"] is None:
            # A total of days that nobody reported yet is unknown, not zero.
            unreported = line["why_missing"] == "no_data" and not true and _is_too_young(oracle, period, keys)
            if true is not None and not unreported:
                found.append(f"{where} {kpi}: no value ({line['why_missing']}), truly {true}")
        elif true is None:
            found.append(f"{where} {kpi}: {line['value']}, truly nothing")
        elif not _is_equal(kpi, line, true):
            found.append(f"{where} {kpi}: {line['value']} {line['explain']}, truly {true}")
    return found


def _is_too_young(oracle: Oracle, period: Period, keys: list[str]) -> bool:
    return all(period.start > oracle.today(key) - timedelta(days=2) for key in keys)


def _is_equal(kpi: str, line: dict[str, object], true: Decimal) -> bool:
    value, explain = line["value"], line["explain"]
    assert isinstance(explain, dict)
    if isinstance(value, dict):
        assert kpi in MONEY_KPIS
        if Decimal(value["amount"]) != shown(true, kpi, value["currency"]):
            return False
    with localcontext(prec=34):
        exact = _unrounded(kpi, value, explain)
        return abs(exact - true) <= CLOSE * max(Decimal(1), abs(true))


def _unrounded(kpi: str, value: object, explain: dict[str, object]) -> Decimal:
    """The number before it was rounded to be shown, from the explanation that comes with it."""
    measures = explain["measures"]
    assert isinstance(measures, dict)
    match explain["kind"]:
        case "ratio" | "snapshot" | "turnover":
            return Decimal(str(explain["numerator"])) / Decimal(str(explain["denominator"]))
        case "move":
            return Decimal(str(explain["numerator"])) / Decimal(str(explain["denominator"])) - 1
        case "geometric_mean":
            return (Decimal(str(explain["numerator"])) / Decimal(str(explain["denominator"]))).exp()
        case "simple":
            return sum((Decimal(str(part)) for part in measures.values()), Decimal(0))
        case _:
            (only,) = measures.values()
            return Decimal(str(only))


@pytest.mark.slow
def test_scorecards_tell_the_truth_again_and_again(
    world: World, sim: tuple[Running, FrozenClock], in_acme: ClientRef
) -> None:
    """Every KPI of every store, and of all together, weekly and monthly, is the world's own; after nine days
    of new orders, refunds, releases and restated ads it is again, and the past still says what it said."""
    running, time = sim
    shops = begin(world)
    ground.restamp(FIRST_LOOK)
    first = Oracle(running.simulator)
    assert [line for period in PERIODS for line in differences(first, shops, period)] == []
    _nothing_is_known_before_the_world_began(shops)
    former = {period.id: ground.scorecard(period, [s.id for s in shops.values()]) for period in PERIODS}

    _a_second_sync_writes_nothing(shops)

    time.move_to(SECOND_LOOK)
    ground.import_rates()
    counts = ground.sync_everything(shops.values(), backwards=True)
    assert sum(count["rows_written"] for count in counts.values()) > 100
    assert ground.roll_up()
    ground.restamp(SECOND_LOOK)
    second = Oracle(running.simulator)
    later = (*PERIODS, Period.parse("2026-W30"))
    assert [line for period in later for line in differences(second, shops, period)] == []

    as_known_at = FIRST_LOOK + timedelta(hours=1)
    for period in PERIODS:
        assert differences(first, shops, period, as_known_at=as_known_at) == []
        then = ground.scorecard(period, [s.id for s in shops.values()], as_known_at=as_known_at)
        now = ground.scorecard(period, [s.id for s in shops.values()])
        known = first.all_stores(shops, period).keys()
        assert _values(then, known) == _values(former[period.id], known)
        assert period.id not in ("2026-W29", "2026-07") or _values(now, known) != _values(then, known)


def _values(lines: dict[str, dict[str, object]], kpis: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """Every figure with how it was made. How fresh a stream was is only kept as it is now."""
    found: dict[str, tuple[object, ...]] = {}
    for kpi in kpis:
        line = lines[kpi]
        explain = line["explain"]
        assert isinstance(explain, dict)
        made = {name: part for name, part in explain.items() if name != "streams"}
        found[kpi] = (line["value"], line["why_missing"], made)
    return found


def _nothing_is_known_before_the_world_began(shops: dict[str, Shop]) -> None:
    assert BEFORE_EVERYTHING.kind is PeriodKind.WEEK
    lines = ground.scorecard(BEFORE_EVERYTHING, [shop.id for shop in shops.values()])
    known = {kpi for kpi, line in lines.items() if line["value"] is not None}
    assert known == set()


def _a_second_sync_writes_nothing(shops: dict[str, Shop]) -> None:
    """P4: nothing happened since, so no fact is inserted, updated or deleted, and no day becomes dirty.

    Momentary figures (offers) are told of their moment, which is the same one.
    """
    before = ground.writes_to_facts()
    counts = ground.sync_everything(shops.values())
    assert {key: count["rows_written"] for key, count in counts.items() if count["rows_written"]} == {}
    assert sum(count["rows_read"] for count in counts.values()) > 1000
    assert ground.writes_to_facts() == before
    assert ground.roll_up() == 0
