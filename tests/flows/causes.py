"""Planted causes against what the checklist says of them: one made world, the product's whole way, a
count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from config.lib.calendars import Period, PeriodKind
from connectors.records import EventKind, EventRecord
from connectors.selectors.stores import list_stores
from connectors.services.record_facts import record_facts
from connectors.simulator.world import Size, World, generate
from connectors.simulator.world import plants as planted
from kpis.engine.attribution.checklist import attribute
from kpis.engine.attribution.verdict import Cause, Likelihood
from kpis.selectors.attribution.gather import gather
from tests.flows import ground

END = date(2026, 7, 15)
NOW = datetime(2026, 7, 15, 19, 40, tzinfo=UTC)
WEEK = Period.containing(END - timedelta(days=7), PeriodKind.WEEK)
SIZE = Size(accounts=1, skus=6, days=45, horizon=3)
CAUSES = {
    planted.STOCK_OUT: Cause.STOCK_OUT,
    planted.RIVAL_CUT: Cause.COMPETITOR,
    planted.FEE_RISE: Cause.FEE_CHANGE,
    planted.COST_RISE: Cause.UNIT_COST,
    planted.AD_SURGE: Cause.ADS,
    planted.LISTING_EDIT: Cause.LISTING_EDIT,
}


@dataclass
class Score:
    """Stores in which a cause was planted and named, named without a plant, and planted without being
    named."""

    hits: Counter[Cause] = field(default_factory=Counter)
    false: Counter[Cause] = field(default_factory=Counter)
    missed: Counter[Cause] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    stores: int = 0

    def precision(self, cause: Cause) -> float | None:
        """Of the times it was named, how often it was there; None if it never was named."""
        named = self.hits[cause] + self.false[cause]
        return self.hits[cause] / named if named else None

    def recall(self, cause: Cause) -> float | None:
        """Of the times it was there, how often it was named; None if it never was there."""
        there = self.hits[cause] + self.missed[cause]
        return self.hits[cause] / there if there else None

    def count(self, where: str, there: Iterable[Cause], named: Iterable[Cause]) -> None:
        """Add one store."""
        truly, said = set(there), set(named)
        self.stores += 1
        for cause in truly | said:
            (self.hits if cause in truly & said else self.missed if cause in truly else self.false)[
                cause
            ] += 1
            if cause not in truly & said:
                self.wrong.append(f"{where}: {cause} {'missed' if cause in truly else 'named'}")


def world_of(seed: int, *, is_planted: bool = True, more: bool = False) -> World:
    """A client with three stores; `more` plants a second cause in each."""
    size = Size(
        SIZE.accounts, SIZE.skus, SIZE.days, SIZE.horizon, plants=is_planted, more_plants=is_planted and more
    )
    return generate(seed, END, size)


def learn(world: World) -> dict[str, int]:
    """Let the product sync the world (served and at NOW) and put the edits of listings on its timeline."""
    ground.import_rates()
    shops = ground.open_shops(world, backfill_days=40)
    ground.record_costs(world)
    ground.sync_everything(shops.values())
    for plant in world.plants:
        if plant.kind == planted.LISTING_EDIT:
            shop = shops[f"{plant.account}-{plant.market.lower()}"]
            at = datetime.combine(plant.start, time(18), tzinfo=UTC)
            record = EventRecord("edit-1", EventKind.LISTING_EDIT, plant.sku, plant.start, at, None, "A+", at)
            record_facts(store_id=shop.id, records=[record], dataset="events", covered=None, source="form")
    assert ground.roll_up()
    return {key: shop.id for key, shop in shops.items()}


def judge(world: World, ids: dict[str, int], score: Score) -> None:
    """Compare what the checklist finds likely in the planted week with what was planted."""
    cases = gather(list_stores(), WEEK, WEEK.previous())
    for key, store_id in ids.items():
        there = [
            CAUSES[plant.kind] for plant in world.plants if f"{plant.account}-{plant.market.lower()}" == key
        ]
        found = attribute(cases[store_id])
        # Exchange rates, seasons and refunds move in every world by themselves; only what can be planted
        # counts.
        judged = set(CAUSES.values())
        named = [v.cause for v in found.verdicts if v.likelihood is Likelihood.LIKELY and v.cause in judged]
        score.count(f"seed {world.seed} {key}", there, named)
