"""The environment: typed, read once, every problem at once, and what production refuses."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from config import devkeys, embedded
from config.env import VARIABLES, ConfigurationError, Mode, read

KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "DATABASE_URL": "postgresql://app:pw@db.internal/agency",
    "DATABASE_OWNER_URL": "postgresql://owner:pw@db.internal/agency",
    "REDIS_URL": "redis://:pw@redis.internal:6379/0",
    "SECRET_KEY": "s" * 50,
    "KEY_ENCRYPTION_KEYS": f"k2:{KEY},k1:{KEY}",
    "AUDIT_SIGNING_KEY": KEY,
    "ALLOWED_HOSTS": "api.example.com, api2.example.com",
}


def problems_of(environ: dict[str, str], mode: Mode = Mode.PROD) -> list[str]:
    """What is wrong with an environment."""
    with pytest.raises(ConfigurationError) as caught:
        read(mode, environ)
    return caught.value.problems


def test_a_complete_production_environment_is_typed() -> None:
    """Texts become what the settings need; the first key-encryption key stays first."""
    found = read(Mode.PROD, PRODUCTION)
    assert list(found.key_encryption_keys) == ["k2", "k1"]
    assert found.audit_signing_key == bytes(range(32))
    assert found.allowed_hosts == ["api.example.com", "api2.example.com"]
    assert (found.embedded_database, found.embedded_redis, found.debug) == (False, False, False)
    assert found.email_verification == "mandatory"


def test_every_problem_is_reported_at_once() -> None:
    """Malformed and missing variables appear together, each once, and a malformed one is not also missing."""
    problems = problems_of(
        {
            "DATABASE_URL": "mysql://nobody",
            "KEY_ENCRYPTION_KEYS": "k1:c2hvcnQ=",
            "DEBUG": "maybe",
            "REPORT_WAIT_SECONDS": "-1",
            "CORS_ORIGINS": "https://app.example.com/path",
            "PLATFORM_ENDPOINTS": '["x"]',
        }
    )
    named = [problem.split()[0] for problem in problems]
    assert sorted(named) == sorted(
        [
            *("DATABASE_URL", "KEY_ENCRYPTION_KEYS", "DEBUG", "REPORT_WAIT_SECONDS", "CORS_ORIGINS"),
            *("PLATFORM_ENDPOINTS", "REDIS_URL", "SECRET_KEY", "AUDIT_SIGNING_KEY", "ALLOWED_HOSTS"),
        ]
    )


@pytest.mark.parametrize("origins", ["*", "https://*.example.com", "null", "https://app.example.com,*"])
def test_no_wildcard_of_origins(origins: str) -> None:
    """Answers are read with credentials: each origin that may do so is named."""
    problems = problems_of({**PRODUCTION, "CORS_ORIGINS": origins})
    assert [problem.split()[0] for problem in problems] == ["CORS_ORIGINS"]


def test_problems_never_repeat_a_secret() -> None:
    """A malformed secret is named, not quoted."""
    error = ConfigurationError(problems_of(PRODUCTION | {"KEY_ENCRYPTION_KEYS": "k1:hunter2-is-my-secret"}))
    assert "hunter2" not in str(error)


def test_secrets_may_be_files(tmp_path: Path) -> None:
    """NAME_FILE is read without the newline that editors leave."""
    environ = dict(PRODUCTION)
    for name in [v.name for v in VARIABLES.values() if v.is_secret and v.name in PRODUCTION]:
        (tmp_path / name).write_text(environ.pop(name) + "\n")
        environ[f"{name}_FILE"] = str(tmp_path / name)
    assert read(Mode.PROD, environ) == read(Mode.PROD, PRODUCTION)


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY and SECRET_KEY_FILE are both set"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE cannot be read"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/dev/null"}, "SECRET_KEY_FILE names an empty file"),
        ({"KEY_ENCRYPTION_KEYS": f"k1:{KEY},k1:{KEY}"}, "KEY_ENCRYPTION_KEYS names the key k1 twice"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 50 characters"),
    ],
)
def test_a_secret_given_wrongly_is_one_problem(extra: dict[str, str], problem: str) -> None:
    """Two sources, no source and a damaged source are told apart."""
    (found,) = problems_of(PRODUCTION | extra)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("change", "permission"),
    [
        ({"DEBUG": "1"}, "ALLOW_DEBUG"),
        ({"REDIS_URL": ""}, "ALLOW_EMBEDDED"),
        ({"DATABASE_URL": ""}, "ALLOW_EMBEDDED"),
        ({"SECRET_KEY": ""}, "ALLOW_DEV_KEYS"),
        ({"KEY_ENCRYPTION_KEYS": ""}, "ALLOW_DEV_KEYS"),
    ],
)
def test_production_refuses_unless_told(change: dict[str, str], permission: str, var_folder: Path) -> None:
    """Each convenience of development is refused by name, and permitted by its own variable alone."""
    environ = PRODUCTION | change | {"VAR_DIR": str(var_folder)}
    (problem,) = problems_of(environ)
    assert permission in problem
    read(Mode.PROD, environ | {permission: "1"})


def test_production_sends_credentials_nowhere_else() -> None:
    """PLATFORM_ENDPOINTS would give the clients' credentials to another origin: no variable permits it."""
    change = {"PLATFORM_ENDPOINTS": '{"https://a.example": "http://127.0.0.1:1"}'}
    told = {f"ALLOW_{name}": "1" for name in ("EMBEDDED", "DEV_KEYS", "DEBUG", "PLATFORM_ENDPOINTS")}
    (problem,) = problems_of(PRODUCTION | change | told)
    assert problem.startswith("PLATFORM_ENDPOINTS is set")


def test_production_knows_a_development_key(tmp_path: Path) -> None:
    """Keys copied from a development machine are recognised, whichever variable they come in."""
    keys = devkeys.load(tmp_path)
    kek = base64.b64encode(keys.key_encryption_keys["dev1"]).decode()
    change = {
        "SECRET_KEY": keys.secret_key,
        "KEY_ENCRYPTION_KEYS": f"k1:{KEY},k0:{kek}",
        "AUDIT_SIGNING_KEY": base64.b64encode(keys.audit_signing_key).decode(),
    }
    problems = problems_of(PRODUCTION | change)
    assert [p.split()[0] for p in problems] == list(change)
    assert all("development key" in p for p in problems)


def test_development_needs_nothing(var_folder: Path) -> None:
    """An empty environment works, and the same twice: keys and addresses are kept, nothing is started."""
    environ = {"VAR_DIR": str(var_folder)}
    found = read(Mode.DEV, environ)
    assert found == read(Mode.DEV, environ)
    assert found.embedded_database
    assert found.embedded_redis
    status = embedded.status(found.var_dir)
    assert (status.is_database_ready, status.is_redis_ready) == (False, False)
    assert (var_folder / "dev-keys.json").stat().st_mode & 0o777 == 0o600


def test_configured_servers_leave_nothing_to_embed(tmp_path: Path) -> None:
    """With both addresses given no folder is made for embedded servers."""
    environ = {**PRODUCTION, "VAR_DIR": str(tmp_path / "var")}
    found = read(Mode.DEV, environ)
    assert found.database_url == PRODUCTION["DATABASE_URL"]
    assert not (tmp_path / "var").exists()


def test_the_owner_is_the_login_where_nothing_else_is_said() -> None:
    """DATABASE_OWNER_URL defaults to DATABASE_URL."""
    environ = {k: v for k, v in PRODUCTION.items() if k != "DATABASE_OWNER_URL"}
    assert read(Mode.PROD, environ).database_owner_url == PRODUCTION["DATABASE_URL"]
