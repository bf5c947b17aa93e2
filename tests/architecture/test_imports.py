"""The import contracts of pyproject.toml hold: layers, pure cores, private parts."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.sources import PACKAGES, ROOT

CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}
APPS = [package for package in PACKAGES if package != "config"]


def existing(*names: str) -> set[str]:
    """The modules of these names that the apps have."""
    return {
        f"{app}.{name}"
        for app in APPS
        for name in names
        if (ROOT / app / name).is_dir() or (ROOT / app / f"{name}.py").is_file()
    }


def test_every_import_contract_is_kept() -> None:
    """import-linter's own verdict; its report is the failure's message."""
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "0 broken" in linted.stdout


def test_every_pure_module_is_under_the_contract() -> None:
    """A new engine or catalogue cannot be forgotten; tenants' types and models stand lower."""
    pure = existing("engine", "platforms", "catalog", "rules", "fees", "types") - {"tenants.types"}
    assert pure <= set(CONTRACTS["pure"]["source_modules"])


def test_every_private_module_is_under_a_contract() -> None:
    """Models, engines, extensions and views of every app are closed to the others."""
    private = existing(
        "models", "ledger", "engine", "platforms", "catalog", "rules", "detectors", "channels", "api"
    )
    closed = {name for c in CONTRACTS.values() if c["type"] == "protected" for name in c["protected_modules"]}
    assert private <= closed
