"""Reading how checks become notices, as a rule states it: every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from alerts.engine import parameters as forms
from alerts.engine.parameters import decimal, flag, integer
from alerts.types import Policy

_STANDARD = Policy()


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """`alerts.types.Policy` with bounds; what is left out is as by default."""

    breaches: int = integer("Of the last checks so many must be breaches.", 1, low=1, high=50)
    of_checks: int = integer("So many checks are looked at.", 1, low=1, high=50)
    clear_checks: int = integer("So many clear checks in a row end it.", 1, low=1, high=50)
    pending_minutes: int = integer("So long it must last before it fires.", 0, low=0, high=20_160)
    repeat_hours: int = integer("It is repeated every so many hours; 0: never.", 24, low=0, high=720)
    flap_hold_minutes: int = integer("Coming back sooner, it is held back.", 60, low=0, high=10_080)
    escalate_after_hours: Decimal | None = decimal(
        "Unacknowledged for so long it goes to the next level; null: by the contract.",
        None,
        low="0.25",
        high=720,
    )
    is_once: bool = flag("Fire once until somebody resets it.", False)

    def faults(self) -> list[tuple[str, str]]:
        """What only several values together show."""
        if self.breaches > self.of_checks:
            return [("breaches", "Must not be more than of_checks.")]
        return []


def read_policy(document: Mapping[str, Any], *, standard: Policy = _STANDARD) -> Policy:
    """Make a policy; what is left out is as in `standard`. `Invalid` with every fault at /policy/…."""
    form = forms.read(PolicyForm, {**asdict(standard), **document}, at="/policy")
    return Policy(**asdict(form))
