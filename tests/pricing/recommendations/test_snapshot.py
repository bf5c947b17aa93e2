"""The snapshot of a suggestion's inputs: nothing is lost on the way to JSON and back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import orjson
import pytest

from pricing.engine import snapshot
from pricing.structure import AdsByClick, FixedFee
from pricing.types import PricingContext, RivalView
from tests.pricing.recommendations.listings import AT, LOCK, STRUCTURE, context

EVERY_FEE = replace(
    STRUCTURE,
    fees=(*STRUCTURE.fees, FixedFee("closing", D("1.80"))),
    ads=AdsByClick(D("0.9"), D("0.1"), D("0.3")),
    withholding=(("isr", D("0.025")),),
    labels={"referral": "Referral fee"},
)
CONTEXTS = [
    context(),
    context(structure=EVERY_FEE, locks=(LOCK,), events=("black_friday",), family="tents", family_rank=2),
    context(
        structure=replace(STRUCTURE, ads=None, returns=None, fees=()),
        price=None,
        rivals=RivalView(None, None, None, None, 0, None),
        lines=(),
        ages=(),
        cover_days=D("1E+2"),
    ),
]


@pytest.mark.parametrize("given", CONTEXTS)
def test_a_context_comes_back_as_it_was(given: PricingContext) -> None:
    """Through JSON as it is stored, every field of every part, fees of every kind included."""
    written = orjson.loads(orjson.dumps(snapshot.dump(given)))
    read = snapshot.load(written)
    for field in fields(PricingContext):
        assert getattr(read, field.name) == getattr(given, field.name), field.name
    assert read.structure.labels == given.structure.labels
    assert snapshot.digest(snapshot.dump(read)) == snapshot.digest(written)


def test_a_snapshot_of_an_earlier_version_has_defaults() -> None:
    """A field that came later is absent from what was stored before."""
    written = snapshot.dump(context())
    del written["pack_size"]
    assert snapshot.load(written) == context()


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"at": AT + timedelta(hours=5), "stock_age_days": 41, "cover_days": D(23), "rank": 9}, True),
        ({"price": D("29.49")}, False),
        ({"structure": replace(STRUCTURE, target_margin=D("0.21"))}, False),
        ({"rivals": replace(context().rivals, lowest=D("28.48"))}, False),
        ({"rivals": replace(context().rivals, as_of=AT)}, True),
        ({"locks": (LOCK,)}, False),
    ],
)
def test_what_makes_a_case_another_one(changes: dict[str, Any], is_same: bool) -> None:
    """Costs, prices, rivals and locks do; hours that pass and what drifts with them do not."""
    before = snapshot.case_digest(snapshot.dump(context()), "rules", D("28.99"))
    after = snapshot.case_digest(snapshot.dump(context(**changes)), "rules", D("28.99"))
    assert (before == after) is is_same
    assert snapshot.case_digest(snapshot.dump(context()), "rules", D("28.98")) != before
