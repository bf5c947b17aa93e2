"""Which files the architecture tests look at."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("config", "tenants", "connectors", "kpis", "pricing", "alerts")


def product_files() -> list[Path]:
    """Python files of the product, migrations (which Django writes) left out."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def python_files() -> list[Path]:
    """Python files of the product, its tests and its benchmarks."""
    others = (path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
    return [*product_files(), *sorted(others)]


def tracked_files() -> list[Path]:
    """Every file that git knows or would add; without git (an unpacked archive) every file of the folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        return python_files()
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
