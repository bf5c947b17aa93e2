"""Amazon's fair pricing policy: a piece in a pack does not cost more than a piece alone."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Block a price whose pieces cost more than those of a smaller pack, or less than those of a larger one.

    Compared as fractions: price × the other's pieces.
    """
    if not given.is_amazon:
        return None
    mine = given.context.pack_size
    for pieces, price in sorted(given.claim.packs):
        is_dearer = pieces < mine and given.price * pieces > price * mine
        is_cheaper = pieces > mine and price * mine > given.price * pieces
        if is_dearer or is_cheaper:
            return PriceCheck(
                code="amazon_pack_price",
                blocks=True,
                text="A piece would cost more in the larger pack than in the smaller one.",
                reference="Amazon Marketplace Fair Pricing Policy (G5TUVJKZHUVMN77V)",
                values={
                    "price": str(given.price),
                    "pieces": str(mine),
                    "other_price": str(price),
                    "other_pieces": str(pieces),
                },
            )
    return None
