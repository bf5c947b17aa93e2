"""docker-compose.yml: valid by the Compose specification, complete, and in step with config.env."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import newsecrets
from config.env import VARIABLES, Mode, read
from config.envtypes import ROOT

COMPOSE = ROOT / "docker-compose.yml"
DOCUMENT: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_the_file_is_valid_compose() -> None:
    """Checked against the Compose specification's own schema, without the network."""
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_whole_production_shape_is_there() -> None:
    """The six services; ours are built from one image."""
    assert set(SERVICES) == {"postgres", "redis", "migrate", "api", "worker", "beat"}
    assert {service["image"] for service in OURS.values()} == {"agency-backend"}
    assert list(DOCUMENT["volumes"]) == ["postgres"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_and_is_not_root(name: str) -> None:
    """A health check (the migration ends instead), a user, no way to gain rights."""
    service = SERVICES[name]
    assert service["user"] not in {"root", "0", "0:0"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert ("test" in service["healthcheck"]) is (name != "migrate")


@pytest.mark.parametrize("name", OURS)
def test_every_setting_exists(name: str) -> None:
    """A variable that config.env does not know, or a file variant of what is no secret, would be dead."""
    known = set(VARIABLES) | {f"{v.name}_FILE" for v in VARIABLES.values() if v.is_secret}
    assert set(OURS[name]["environment"]) - {"DJANGO_SETTINGS_MODULE"} <= known


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_file_is_declared_and_mounted(name: str) -> None:
    """Whatever reads /run/secrets/x has x mounted, and x is declared."""
    service = SERVICES[name]
    used = set(re.findall(r"/run/secrets/(\w+)", yaml.safe_dump(service)))
    if "configs" in service:
        used |= set(re.findall(r"/run/secrets/(\w+)", DOCUMENT["configs"]["login_role"]["content"]))
    assert used == set(service["secrets"])
    assert used <= set(DOCUMENT["secrets"])


def test_no_secret_stands_in_the_file() -> None:
    """Secrets come from files alone."""
    for service in SERVICES.values():
        for variable in service.get("environment", {}):
            assert not re.search("PASSWORD|SECRET|KEY|DATABASE|REDIS", variable) or variable.endswith("_FILE")


def test_the_image_holds_what_it_runs() -> None:
    """Every package of the product is copied; nothing is copied that does not exist."""
    dockerfile = OURS["api"]["build"]["dockerfile_inline"]
    copied = re.findall(r"^COPY (\S+) ", dockerfile, re.MULTILINE)
    assert all((ROOT / path).exists() for path in copied)
    assert {"config", "tenants", "connectors", "kpis", "pricing", "alerts", "manage.py"} <= set(copied)
    assert dockerfile.rstrip().endswith("USER 10001:10001")


def test_new_secrets_make_a_production_environment(tmp_path: Path) -> None:
    """The files of newsecrets, mounted as compose mounts them, satisfy production; twice keeps them."""
    assert set(newsecrets.write(tmp_path)) == set(DOCUMENT["secrets"])
    assert newsecrets.write(tmp_path) == []
    environ = {
        name: str(value).replace("/run/secrets", str(tmp_path))
        for name, value in OURS["api"]["environment"].items()
    }
    environ |= {"ALLOWED_HOSTS": "api.example.com", "CORS_ORIGINS": "", "EMAIL_URL": "console:"}
    environ |= {"EMAIL_FROM": "a@example.com", "TRUSTED_PROXIES": "1", "LOG_LEVEL": "INFO"}
    environ |= {"METRICS_TOKEN": ""}
    found = read(Mode.PROD, environ)
    assert found.database_url.startswith("postgresql://agency_login:")
    assert tmp_path.stat().st_mode & 0o777 == 0o700
