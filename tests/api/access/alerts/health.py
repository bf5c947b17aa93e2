"""What each endpoint needs: the account-health desk."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
WARNING = f"{CLIENT}/health-warnings/<int:warning_id>"
PLAN = f"{WARNING}/plans/<int:number>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/health-warnings"): Capability.HEALTH_READ,
    ("POST", f"{CLIENT}/health-warnings"): Capability.HEALTH_WRITE,
    ("POST", f"{CLIENT}/health-warnings:forward"): Capability.HEALTH_WRITE,
    ("GET", f"{CLIENT}/health-warnings/outcomes"): Capability.HEALTH_READ,
    ("GET", WARNING): Capability.HEALTH_READ,
    ("PATCH", WARNING): Capability.HEALTH_WRITE,
    ("GET", f"{WARNING}/steps"): Capability.HEALTH_READ,
    ("GET", f"{WARNING}/original"): Capability.HEALTH_WRITE,
    ("POST", f"{WARNING}/freeze-release"): Capability.PRICE_HALT,
    ("POST", f"{WARNING}/submission"): Capability.HEALTH_WRITE,
    ("POST", f"{WARNING}/outcome"): Capability.HEALTH_WRITE,
    ("GET", f"{WARNING}/plans"): Capability.HEALTH_READ,
    ("POST", f"{WARNING}/plans"): Capability.HEALTH_WRITE,
    ("GET", PLAN): Capability.HEALTH_READ,
    ("POST", f"{PLAN}/sign-off"): Capability.HEALTH_WRITE,
    ("POST", f"{PLAN}/return"): Capability.HEALTH_WRITE,
    ("GET", f"{WARNING}/binder"): Capability.HEALTH_READ,
    ("GET", f"{WARNING}/binder:export"): Capability.HEALTH_READ,
}
