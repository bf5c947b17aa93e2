"""Which kind of charge a leaf of a transaction is, by the names on its way from the transaction down.

Amazon publishes no list of breakdown names; those below are seen in sellers' data. A name nobody knows ends
as OTHER, never as silence: the sum of a transaction's charges is always its total.
"""

from __future__ import annotations

import re

from connectors.types import ChargeKind

# Looked for in this order in the leaf's own path (all names joined); the first that fits decides.
_FEES = (
    (r"refundcommission|refundadmin", ChargeKind.REFUND_FEE),
    (r"customerreturn|returns?processing|returns?perunit", ChargeKind.RETURN_FEE),
    (r"(longterm|aged).*(storage|inventory)|(storage|inventory).*(longterm|aged|surcharge)",
     ChargeKind.AGED_STORAGE_FEE),
    (r"storage", ChargeKind.STORAGE_FEE),
    (r"advertis|productads|sponsored", ChargeKind.AD_FEE),
    (r"subscription", ChargeKind.SUBSCRIPTION_FEE),
    (r"paymentmethodfee|paymentfee|codchargeback|codfee|pointsfee", ChargeKind.PAYMENT_FEE),
    (r"commission|referral|closingfee|peritemfee|shippinghb|digitalservicesfee", ChargeKind.REFERRAL_FEE),
    (r"fulfil|perunit|perorder|weightbased|weighthandling|pickandpack|pickpack|shippingchargeback|delivery"
     r"service", ChargeKind.FULFILMENT_FEE),
)  # fmt: skip
_WITHHELD = re.compile(r"marketplacefacilitator|withheld|taxwithh|lowvaluegoods")
_REIMBURSEMENT = re.compile(r"reimburse|warehousedamage|warehouselost|missingfrominbound|compensat|reversal"
                            r"_reimbursement|freereplacementrefunditems")  # fmt: skip
_TRANSFER = re.compile(r"transfer|disbursement")
_FEE_PATH = re.compile(r"fee|expense|commission|advertis|subscription|storage|productads")
_PROMOTION = re.compile(r"promo|discount|rebate|points|coupon")
_REFUND = re.compile(r"refund|chargeback|guarantee|retrocharge")
_COMPILED_FEES = tuple((re.compile(pattern), kind) for pattern, kind in _FEES)


def is_refund(transaction_type: str, description: str) -> bool:
    """Tell whether a transaction gives money back to a buyer."""
    return bool(_REFUND.search(_plain(transaction_type)) or _REFUND.search(_plain(description)))


def kind_of(transaction_type: str, path: tuple[str, ...], *, refund: bool) -> ChargeKind:
    """Return the kind of a leaf from the transaction's type and the names of the breakdowns down to it."""
    kind, names = _plain(transaction_type), [_plain(name) for name in path]
    whole = "/".join(names)
    if _REIMBURSEMENT.search(kind) or _REIMBURSEMENT.search(whole):
        return ChargeKind.REIMBURSEMENT
    if _WITHHELD.search(whole):
        return ChargeKind.WITHHELD_TAX
    if _TRANSFER.search(kind):
        return ChargeKind.TRANSFER
    if _is_fee(kind, names):
        return next(
            (fee for pattern, fee in _COMPILED_FEES if pattern.search(f"{kind}/{whole}")), ChargeKind.OTHER
        )
    if _PROMOTION.search(whole):
        return ChargeKind.REFUND if refund else ChargeKind.DISCOUNT
    if "tax" in names[-1] or "tax" in names[0]:
        return ChargeKind.REFUND_TAX if refund else ChargeKind.SALE_TAX
    if "shipping" in whole:
        return ChargeKind.SHIPPING_CREDIT
    if "principal" in whole or "productcharges" in whole:
        return ChargeKind.REFUND if refund else ChargeKind.SALE
    return ChargeKind.OTHER


def _is_fee(transaction_type: str, names: list[str]) -> bool:
    if "tax" in names[0] or "productcharges" in names or names[0] == "shipping":
        return False
    return any(_FEE_PATH.search(name) for name in (transaction_type, *names)) or any(
        pattern.search(name) for pattern, _ in _COMPILED_FEES for name in names if "chargeback" in name
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
