"""A few runs of the soak of alerts, and that it notices a delivery that is noted before it is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tenants.types import ClientRef

pytestmark = pytest.mark.slow


def soak(environment: dict[str, str], *options: str) -> tuple[int, dict[str, Any], str]:
    """Run the soak on this process's database; returns its status, figures and what it complained of."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.alerts", "--client", "acme", *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    figures = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    return done.returncode, figures, done.stderr


def test_nothing_is_lost_or_done_twice(
    committed_db: None, acme: ClientRef, child_environment: dict[str, str]
) -> None:
    """Two seeds of killed processes, an emptied Redis, repeated hints, odd clocks and a bad receiver."""
    status, figures, complaints = soak(child_environment, "--seeds", "2")
    assert status == 0, complaints
    assert figures["runs"] == 2
    assert figures["deliveries"] == 3 * figures["notices"] > 0
    assert figures["kills"] > 5


def test_the_soak_can_fail(committed_db: None, acme: ClientRef, child_environment: dict[str, str]) -> None:
    """The control: whoever notes first and sends afterwards loses notices, and the soak says which."""
    status, figures, complaints = soak(child_environment, "--seeds", "1", "--control")
    assert status == 1
    assert figures["faults"] > 0
    assert "lost" in complaints or "never heard" in complaints
