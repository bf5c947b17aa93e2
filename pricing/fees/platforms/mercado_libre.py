"""Mercado Libre in Mexico: commission, fixed fee below and shipping share from 299 pesos."""

from __future__ import annotations

from dataclasses import replace

from pricing.fees.draft import Draft
from pricing.fees.query import FeeLine
from pricing.structure import Band

PREFIX = "mx.mercado_libre"


def quote(draft: Draft) -> None:
    """Fill the quote of a listing on Mercado Libre; since 2026-04-08 the fixed fee must be read or stated."""
    draft.add_referral(f"{PREFIX}.commission", name="commission", fallback="default")
    reader = draft.reader
    if not reader.wants(FeeLine.FULFILMENT):
        return
    fixed = reader.bands(FeeLine.FULFILMENT, f"{PREFIX}.fixed_fee")
    limit = reader.number(FeeLine.FULFILMENT, f"{PREFIX}.free_shipping_from")
    share = reader.number(FeeLine.FULFILMENT, f"{PREFIX}.free_shipping_share")
    if fixed is None or limit is None or share is None:
        return
    below = [band for band in fixed if band.upper is not None and band.upper < limit]
    at_limit = next(band for band in fixed if band.upper is None or band.upper >= limit)
    bands = (*below, replace(at_limit, upper=limit, is_inclusive=False), Band(None, True, share))
    draft.fees.append(reader.band_fee("fixed_or_ship", bands))
