"""What buyers sent back, and how they rated the seller."""

from __future__ import annotations

from datetime import UTC

from connectors.simulator.http.reports import headers
from connectors.simulator.http.reports.document import Ask, Document, flat_file


def build_returns(ask: Ask) -> Document:
    """One row per unit that came back in the window."""
    rows, keys = [], []
    for back in ask.store.returns:
        if not ask.covers(back.returned_at):
            continue
        sellable = back.disposition == "SELLABLE"
        rows.append(
            {
                "return-date": back.returned_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
                "order-id": back.order_id,
                "sku": back.line.product.sku,
                "asin": back.line.product.asin,
                "fnsku": back.line.product.fnsku,
                "product-name": back.line.product.title,
                "quantity": 1,
                "fulfillment-center-id": f"{ask.store.market.code}X1",
                "detailed-disposition": back.disposition,
                "reason": back.reason,
                "status": "Unit returned to inventory" if sellable else "Reimbursed",
                "license-plate-number": back.licence_plate,
                "customer-comments": "",
            }
        )
        keys.append((back.licence_plate, back.disposition))
    return flat_file(ask.store.market, headers.RETURNS, rows, keys)


def build_feedback(ask: Ask) -> Document:
    """Ratings given in the window; the day is the shop's, written the way the market writes days."""
    rows, keys = [], []
    for feedback in ask.store.feedback:
        if not ask.covers(feedback.at):
            continue
        day = ask.store.market.day_of(feedback.at)
        text = f"{day:%Y/%m/%d}" if ask.store.market.code == "JP" else f"{day.month}/{day.day}/{day:%y}"
        rows.append(
            {
                "date": text,
                "rating": feedback.rating,
                "comments": feedback.comment,
                "response": "",
                "order_id": feedback.order_id,
                "rater_email": "someone@marketplace.example",
            }
        )
        keys.append((feedback.order_id, str(feedback.rating)))
    return flat_file(ask.store.market, headers.FEEDBACK, rows, keys)
