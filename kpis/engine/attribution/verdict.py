"""What a check says of a cause, and the rule that no cause is named for one reason alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
ONE = Decimal(1)

# Proposed defaults. A cause is material from 1 % of the store's net sales before; below a tenth of that it is
# not worth a word.
MATERIAL = Decimal("0.01")
TRIFLING = Decimal("0.001")
# Nothing is "likely" for a single reason (domain reference, §5.5).
LEAST_EVIDENCE = 2


class Cause(StrEnum):
    """What may move a figure; the checklist of the source documents (S3 pitfall 6), with costs beside it."""

    ADS = "ads"
    RANK = "rank"
    PRICE_GAP = "price_gap"
    COMPETITOR = "competitor"
    STOCK_OUT = "stock_out"
    LISTING_EDIT = "listing_edit"
    LOGISTICS = "logistics"
    SEASON = "season"
    FEE_CHANGE = "fee_change"
    UNIT_COST = "unit_cost"
    EXCHANGE_RATE = "exchange_rate"
    REFUNDS = "refunds"


class Likelihood(StrEnum):
    """How well the evidence supports a cause; NO_DATA where nothing was there to look at."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    NO_DATA = "no_data"


class DataQuality(StrEnum):
    """How good the data behind a verdict is."""

    GOOD = "good"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation: a KPI (or a named figure) before and after, of one SKU or of the whole store."""

    figure: str
    before: Decimal | None
    after: Decimal | None
    sku: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a cause.

    `sales` and `profit` estimate what it did to net sales and to the margin after advertising (CM3), in the
    store's currency; negative took away. None where it cannot be told. `strength` is 0 to 1.
    """

    cause: Cause
    likelihood: Likelihood
    strength: Decimal = ZERO
    sales: Decimal | None = None
    profit: Decimal | None = None
    evidence: tuple[Evidence, ...] = ()
    quality: DataQuality = DataQuality.GOOD


def no_data(cause: Cause) -> Verdict:
    """Nothing was there to judge by."""
    return Verdict(cause, Likelihood.NO_DATA, quality=DataQuality.NONE)


def judged(
    cause: Cause,
    *,
    base: Decimal,
    sales: Decimal | None,
    profit: Decimal | None,
    evidence: Sequence[Evidence],
    acted: bool,
    quality: DataQuality = DataQuality.GOOD,
) -> Verdict:
    """Grade a cause by how much it moved (of `base`, the net sales before) and by its evidence.

    `acted`: the cause itself was observed beyond doubt, not only its effect. Likely needs that, a material
    size and at least two pieces of evidence; anything observed above a trifle, or of unknown size, is
    possible.
    """
    size = max((abs(each) for each in (sales, profit) if each is not None), default=ZERO)
    share = size / base if base > 0 else ZERO
    # Ten times the material size is as strong as it gets: a tenth of all sales.
    strength = min(ONE, share / (MATERIAL * 10))
    if acted and share >= MATERIAL and len(evidence) >= LEAST_EVIDENCE:
        likelihood = Likelihood.LIKELY
    elif evidence and (share >= TRIFLING or (sales is None and profit is None)):
        likelihood = Likelihood.POSSIBLE
    else:
        likelihood = Likelihood.UNLIKELY
    return Verdict(cause, likelihood, round(strength, 4), sales, profit, tuple(evidence), quality)
