"""Every action of the rule language; a new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping

from pricing.rules.actions import clearance_ladder, hold, match, optimal, percent, target_margin
from pricing.rules.actions.base import Action

ACTIONS: Mapping[str, Action] = {
    module.ACTION.key: module.ACTION
    for module in (percent, match, target_margin, clearance_ladder, optimal, hold)
}
