"""What each endpoint needs: tests, pilots and backtests."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/price-tests"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-tests"): Capability.PRICE_WRITE,
    ("POST", f"{CLIENT}/price-tests:power"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-tests/<int:test_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-tests/<int:test_id>/start"): Capability.PRICE_WRITE,
    ("POST", f"{CLIENT}/price-tests/<int:test_id>/stop"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-pilots"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-pilots"): Capability.PRICE_RULE_WRITE,
    ("GET", f"{CLIENT}/price-pilots/<int:pilot_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-pilots/<int:pilot_id>/stop"): Capability.PRICE_RULE_WRITE,
    ("GET", f"{CLIENT}/price-backtests"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-backtests"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-backtests/<int:backtest_id>"): Capability.PRICE_READ,
}
