"""What each endpoint needs: approval, halts and outcomes."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
ONE = f"{CLIENT}/price-recommendations/<int:recommendation_id>"

TABLE: dict[tuple[str, str], Capability] = {
    ("POST", f"{CLIENT}/price-recommendations:approve"): Capability.PRICE_APPROVE,
    ("POST", f"{ONE}/approval"): Capability.PRICE_APPROVE,
    ("POST", f"{ONE}/rejection"): Capability.PRICE_APPROVE,
    ("POST", f"{ONE}/escalation"): Capability.PRICE_APPROVE,
    ("POST", f"{ONE}/withdrawal"): Capability.PRICE_WRITE,
    ("GET", f"{ONE}/decisions"): Capability.PRICE_READ,
    ("GET", f"{ONE}/outcome"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-approvals/queue"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-approvals/delay"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>/approval-policy"): Capability.PRICE_READ,
    ("PUT", f"{CLIENT}/stores/<int:store_id>/approval-policy"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{CLIENT}/stores/<int:store_id>/price-history"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-outcomes"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-halts"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-halts"): Capability.PRICE_HALT,
    ("GET", f"{CLIENT}/price-halts/<int:halt_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-halts/<int:halt_id>/resumption"): Capability.PRICE_HALT,
    ("GET", f"{CLIENT}/price-log"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-log:export"): Capability.PRICE_READ,
}
