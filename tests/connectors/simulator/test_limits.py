"""Rate limits: never more than the bucket and its refill; one bucket per seller and operation."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator.http.limits import Limits
from connectors.simulator.http.operations import OPERATIONS
from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import Caller


class Timer:
    """A clock for buckets that only moves when told."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@given(
    waits=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120),
    rate=st.sampled_from([0.0056, 0.0167, 0.5, 2.0, 5.0]),
    burst=st.integers(1, 20),
    scale=st.sampled_from([1.0, 3.0, 50.0]),
)
def test_no_schedule_gets_more_than_bucket_and_refill(
    waits: list[float], rate: float, burst: int, scale: float
) -> None:
    """Whatever the pauses: never more than bucket + elapsed × rate, and never less than the bucket."""
    timer = Timer()
    limits = Limits(scale=scale, timer=timer)
    let_in = 0
    for wait in waits:
        timer.at += wait
        let_in += limits.take("seller", "operation", rate, burst)
        assert let_in <= burst * scale + timer.at * rate * scale + 1e-6
    assert let_in >= min(len(waits), int(burst * scale))


def test_buckets_of_sellers_and_operations_are_apart() -> None:
    """One empty bucket does not slow another seller or another operation."""
    limits = Limits(timer=Timer())
    assert limits.take("a", "x", 0.1, 1)
    assert not limits.take("a", "x", 0.1, 1)
    assert limits.take("b", "x", 0.1, 1)
    assert limits.take("a", "y", 0.1, 1)


def test_a_full_burst_then_429_in_amazons_words(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Two summaries, then QuotaExceeded; success tells the limit, the refusal is recorded."""
    sim.simulator.limits.enforced = True
    one = caller("harbor-us")
    query = {
        "granularityType": "Marketplace",
        "granularityId": one.marketplace,
        "marketplaceIds": one.marketplace,
    }
    answers = [one.get("/fba/inventory/v1/summaries", **query) for _ in range(4)]
    assert [answer.status_code for answer in answers][:2] == [200, 200]
    assert answers[0].headers["x-amzn-ratelimit-limit"] == "2"
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["errors"][0]["code"] == "QuotaExceeded"
    assert "x-amzn-ratelimit-limit" not in refused[0].headers
    assert sim.simulator.record.count("getInventorySummaries", 429) == len(refused)
    assert caller("kumo-us").get("/fba/inventory/v1/summaries", **query).status_code == 200


def test_scaled_limits_are_shown_scaled(sim: Running, caller: Callable[[str], Caller]) -> None:
    """The demo lifts the limits; the header then names the lifted one."""
    one = caller("harbor-us")
    changed = one.http.post("/_sim/limits", json={"scale": 100, "enforced": True})
    assert changed.json()["scale"] == 100
    answer = one.get("/sellers/v1/marketplaceParticipations")
    assert answer.headers["x-amzn-ratelimit-limit"] == "1.6"


def test_every_operation_has_a_limit() -> None:
    """No operation is offered without Amazon's rate and burst, and names are unique."""
    assert all(operation.rate > 0 and operation.burst > 0 for operation in OPERATIONS)
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
