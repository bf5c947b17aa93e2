"""Rule sets to start from, as documents: the one of the source document and a small library."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    """A rule set to copy: `document` is what `pricing.rules.parse` reads."""

    key: str
    meaning: str
    _document: Mapping[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        """Return a copy that the caller may change."""
        return deepcopy(dict(self._document))


_RANGES = {
    "competitor_gap": ["-1", "0.9"],
    "featured_gap": ["-1", "0.9"],
    "rank": ["1", "10000000"],
    "stock_age_days": ["0", "1000"],
    "hours_since_change": ["0", "100000"],
}


def _ranges(*signals: str) -> dict[str, list[str]]:
    return {signal: list(_RANGES[signal]) for signal in signals}


def _is(signal: str, op: str, value: object) -> dict[str, object]:
    return {"signal": signal, "op": op, "value": value}


PRESETS: Mapping[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "source_document",
            "A competitor at 95 % of our price or less, rank 10 or better: 3 % down, to a margin of 20 %",
            {
                "name": "Competitor 5 % cheaper, top ten: 3 % down to a margin of 20 %",
                "rules": [
                    {
                        "key": "competitor_cheaper",
                        "when": {
                            "all": [_is("competitor_gap", "ge", "0.05"), _is("rank", "le", "10")],
                        },
                        "then": {"action": "percent", "by": "-0.03"},
                        "until_margin": "0.20",
                    }
                ],
                "limits": {"least_move": "0"},
                "ranges": _ranges("competitor_gap", "rank"),
                "uses_endings": False,
            },
        ),
        Preset(
            "follow_rival",
            "Match the lowest comparable offer where it is a little cheaper, never below the target margin",
            {
                "name": "Follow the lowest comparable offer",
                "rules": [
                    {
                        "key": "out_of_reach",
                        "when": _is("competitor_gap", "gt", "0.15"),
                        "then": {"action": "hold"},
                        "reason": "a rival this cheap is a mistake or a clearance",
                    },
                    {
                        "key": "follow_down",
                        "when": _is("competitor_gap", "ge", "0.01"),
                        "then": {"action": "match", "against": "lowest"},
                        "until_margin": "0.10",
                    },
                    {
                        "key": "follow_up",
                        "when": {
                            "all": [_is("competitor_gap", "le", "-0.05"), _is("own_featured", "eq", True)],
                        },
                        "then": {"action": "percent", "by": "0.02"},
                        "reason": "there is room above us",
                    },
                ],
                "limits": {"max_step": "0.05", "max_day_move": "0.10", "cadence_hours": 12},
                "ranges": _ranges("competitor_gap"),
            },
        ),
        Preset(
            "protect_margin",
            "Raise the price to its target margin when costs rose and the margin fell below a tenth",
            {
                "name": "Protect the margin",
                "rules": [
                    {
                        "key": "margin_lost",
                        "when": {
                            "any": [
                                _is("margin", "lt", "0.10"),
                                {"all": [_is("fx_move", "ge", "0.03"), _is("margin", "lt", "0.15")]},
                                {"all": [_is("fee_change", "ge", "0.01"), _is("margin", "lt", "0.15")]},
                            ]
                        },
                        "then": {"action": "target_margin"},
                    }
                ],
                "ranges": {"margin": ["-2", "1"], "fx_move": ["-0.5", "0.5"], "fee_change": ["-0.5", "0.5"]},
            },
        ),
        Preset(
            "clearance_ladder",
            "Old stock of clearance products: 5, 10, 20 and 35 % below the regular price as it ages",
            {
                "name": "Clear old stock",
                "rules": [
                    {
                        "key": "old_stock",
                        "when": {
                            "all": [
                                _is("tier", "eq", "clearance"),
                                _is("stock_age_days", "gt", "90"),
                            ]
                        },
                        "then": {
                            "action": "clearance_ladder",
                            "steps": [["91", "0.05"], ["121", "0.10"], ["151", "0.20"], ["181", "0.35"]],
                        },
                    }
                ],
                "limits": {"cadence_hours": 24, "changes_per_day": 1},
                "ranges": _ranges("stock_age_days"),
            },
        ),
        Preset(
            "buy_box_guard",
            "Come back to the featured offer's price when ours is not featured; raise slowly while it is",
            {
                "name": "Guard the featured offer",
                "rules": [
                    {
                        "key": "win_back",
                        "when": {
                            "all": [
                                _is("own_featured", "eq", False),
                                _is("featured_gap", "ge", "0.005"),
                                _is("featured_gap", "le", "0.10"),
                            ]
                        },
                        "then": {"action": "match", "against": "featured"},
                        "until_margin": "0.08",
                    },
                    {
                        "key": "earn_more",
                        "when": {
                            "all": [
                                _is("own_featured", "eq", True),
                                _is("competitor_gap", "le", "-0.05"),
                                _is("hours_since_change", "ge", "72"),
                            ]
                        },
                        "then": {"action": "percent", "by": "0.02"},
                    },
                ],
                "limits": {"max_step": "0.10", "max_day_move": "0.10", "cadence_hours": 8},
                "ranges": _ranges("competitor_gap", "featured_gap", "hours_since_change"),
            },
        ),
    )
}
