"""Random price cases in the JSON format: every kind of fee, tax, base, advertising and return, mixed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Case = dict[str, Any]

_RATES = ("0", "0.001", "0.029", "0.05", "0.08", "0.1325", "0.154", "0.17", "0.35", "0.5")
_TAXES = (None, "incl_cred", "incl_non")


def money(low: str, high: str, places: int = 2) -> st.SearchStrategy[str]:
    """Amounts as texts."""
    return st.decimals(low, high, places=places, allow_nan=False).map(lambda value: f"{value:f}")


@st.composite
def bounds(draw: st.DrawFn, highest: Decimal, tick: Decimal) -> list[str]:
    """Up to three ascending bounds, on ticks or beside them, one now and then beyond the highest price."""
    steps = int(highest / tick * 2 * Decimal("1.1"))
    halves = draw(st.lists(st.integers(2, steps), max_size=3, unique=True).map(sorted))
    return [f"{tick * half / 2:f}" for half in halves]


@st.composite
def fees(draw: st.DrawFn, highest: Decimal, tick: Decimal, unit: str) -> list[Case]:
    """Nought to five fees; a multiple names one that stands before it."""
    found: list[Case] = []
    scale = highest / 12
    for number in range(draw(st.integers(0, 5))):
        kinds = ["rate", "rate", "band", "fixed", *(["mult"] if found else [])]
        fee: Case = {"name": f"f{number}", "kind": draw(st.sampled_from(kinds))}
        tax = draw(st.sampled_from(_TAXES))
        if tax:
            fee["vat"] = tax
        if fee["kind"] in ("rate", "band"):
            ends: list[str | None] = [*draw(bounds(highest, tick)), None]
            if draw(st.booleans()):
                fee["base_mult"] = draw(st.sampled_from(["1.08", "0.9", "1.5"]))
            if draw(st.integers(0, 3)) == 0:
                fee["base"] = "net"
        if fee["kind"] == "rate":
            fee["mode"] = draw(st.sampled_from(["flat", "whole", "marginal"]))
            ends = [None] if fee["mode"] == "flat" else ends
            fee["tiers"] = [[end, draw(st.sampled_from(_RATES))] for end in ends]
            if draw(st.booleans()):
                fee["min"] = draw(money("0", f"{scale:f}"))
            if draw(st.integers(0, 2)) == 0:
                fee["refundable"] = False
        elif fee["kind"] == "band":
            fee["bands"] = [[end, draw(st.booleans()), draw(money("0", f"{scale:f}"))] for end in ends]
        elif fee["kind"] == "fixed":
            fee["amount"] = draw(money("-0.5", f"{scale:f}", 3))
        else:
            fee["of"] = draw(st.sampled_from([each["name"] for each in found]))
            fee["rate"] = draw(st.sampled_from(["0.035", "0.5", "1.2"]))
        found.append(fee)
    return found


@st.composite
def cases(draw: st.DrawFn, ticks: int = 150) -> Case:
    """A whole case with at most so many ticks."""
    tick, unit = draw(
        st.sampled_from(
            [("1", "1"), ("0.01", "0.01"), ("0.05", "0.01"), ("0.5", "1"), ("10", "1"), ("0.01", "1")]
        )
    )
    step = Decimal(tick)
    highest = step * draw(st.integers(ticks // 5, ticks))
    cost = f"{highest / 3:f}"
    case: Case = {
        "id": "random",
        "vat": draw(st.sampled_from(["0", "0.10", "0.16", "0.08"])),
        "tick": tick,
        "minor": unit,
        "fees": draw(fees(highest, step, unit)),
        "costs": {f"c{n}": draw(money("-1", cost, 3)) for n in range(draw(st.integers(0, 3)))},
        "target": draw(st.sampled_from(["0", "0.05", "0.25", "0.333", "0.6", "-0.1"])),
        "pmax": f"{highest:f}",
    }
    if draw(st.booleans()):
        case["ads"] = draw(
            st.one_of(
                st.sampled_from(["0.1", "0.333", "0.05"]).map(lambda rate: {"type": "pct", "rate": rate}),
                money("0", "3").map(lambda cpc: {"type": "cpc", "cpc": cpc, "cvr": "0.07", "share": "0.3"}),
            )
        )
    if draw(st.booleans()):
        case["returns"] = {
            "rate": draw(st.sampled_from(["0", "0.08", "0.5"])),
            "admin_rate": draw(st.sampled_from(["0", "0.2", "1"])),
            "cap": draw(money("0", f"{highest / 20:f}")),
            "processing": draw(money("0", f"{highest / 20:f}")),
            "salvage": draw(st.sampled_from(["0", "0.5", "1"])),
            "landed": draw(money("0", cost)),
        }
    return case
