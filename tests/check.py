"""`python -m tests.check`: everything a change has to pass, the cheapest to learn first.

Each step is printed with its time; the first failure ends the run with a non-zero exit.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "tenants", "connectors", "kpis", "pricing", "alerts")
SOURCES = (*PACKAGES, "tests", "benchmarks", "manage.py")

# Files are shared out among processes, each with a database and a Redis of its own; as in the Makefile.
_SPREAD = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")
_BYTES32 = base64.b64encode(bytes(range(32))).decode()
# No server answers at these addresses: the deployment check must not need one.
_PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "DATABASE_URL": "postgresql://app:unused@127.0.0.1:1/agency",
    "DATABASE_OWNER_URL": "postgresql://owner:unused@127.0.0.1:1/agency",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": base64.b64encode(bytes(range(64))).decode(),
    "KEY_ENCRYPTION_KEYS": f"check:{_BYTES32}",
    "AUDIT_SIGNING_KEY": _BYTES32,
    "ALLOWED_HOSTS": "api.example.com",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A command, with what its environment has beyond ours."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


def steps(folder: Path) -> list[Step]:
    """All steps; `folder` holds what they leave behind."""
    python, here = sys.executable, Path(sys.executable).parent
    manage = (python, "manage.py")
    return [
        Step("format", (str(here / "ruff"), "format", "--check", "--quiet", *SOURCES)),
        Step("lint", (str(here / "ruff"), "check", "--quiet", *SOURCES)),
        Step("types", (str(here / "mypy"), *PACKAGES, "manage.py")),
        Step("imports", (str(here / "lint-imports"), "--no-cache")),
        Step("deployment", (*manage, "check", "--deploy", "--fail-level", "WARNING"), _PRODUCTION),
        Step("migrations", (*manage, "makemigrations", "--check", "--dry-run")),
        Step("openapi", (*manage, "openapi", "--check")),
        Step(
            "tests",
            (
                python,
                "-m",
                "pytest",
                *_SPREAD,
                "--cov",
                "--cov-branch",
                "--cov-report=term",
                "--durations=10",
            ),
            {"COVERAGE_FILE": str(folder / "coverage")},
        ),
    ]


def main() -> int:
    """Run the steps; the exit code of the first that fails, else 0. A green run ends with pytest's words."""
    with tempfile.TemporaryDirectory() as folder:
        todo = steps(Path(folder))
        for step in todo:
            started = time.monotonic()
            _say(f"{step.name} …")
            code = subprocess.run(
                step.command, cwd=ROOT, env={**os.environ, **step.env}, check=False
            ).returncode
            seconds = time.monotonic() - started
            if code:
                _say(f"FAILED: {step.name} ({seconds:.1f} s)")
                return code
            if step is not todo[-1]:
                _say(f"ok: {step.name} ({seconds:.1f} s)")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"check: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
