"""The environment, typed and read once: everything that may differ between two machines, and nothing else.

All problems are collected and raised together, so that an operator repairs a deployment in one go.
Every secret may also be given as a file through NAME_FILE, as container platforms mount secrets.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from config import devkeys, embedded, envtypes
from config.envtypes import ROOT


class Mode(StrEnum):
    """The last part of DJANGO_SETTINGS_MODULE: which promises the configuration has to keep."""

    DEV = "dev"
    TEST = "test"
    PROD = "prod"


class ConfigurationError(Exception):
    """The environment cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"the environment has {len(problems)} problem(s):\n{lines}")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: how its text is read, and whether it may come from NAME_FILE."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    help: str
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """What the settings are made of. Urls of embedded servers are filled in where none was configured."""

    mode: Mode
    database_url: str
    database_owner_url: str
    redis_url: str
    embedded_database: bool
    embedded_redis: bool
    secret_key: str
    key_encryption_keys: dict[str, bytes]
    audit_signing_key: bytes
    platform_endpoints: dict[str, str]
    allowed_hosts: list[str]
    cors_origins: list[str]
    trusted_proxies: int
    database_pooler: str
    email_url: str
    email_from: str
    email_verification: str
    staff_totp_required: bool
    debug: bool
    var_dir: Path
    log_level: str
    prometheus_multiproc_dir: Path | None
    metrics_token: str | None
    report_wait_seconds: int


_POSTGRES = envtypes.url("postgresql", "postgres")
_REDIS = envtypes.url("redis", "rediss", "unix")

VARIABLES: dict[str, Variable] = {
    v.name: v
    for v in (
        Variable("DATABASE_URL", _POSTGRES, None, "PostgreSQL, as the login role.", is_secret=True),
        Variable("DATABASE_OWNER_URL", _POSTGRES, None, "PostgreSQL, as the owner.", is_secret=True),
        Variable(
            "DATABASE_POOLER",
            envtypes.choice("none", "session"),
            "none",
            "PgBouncer's mode, if there is one.",
        ),
        Variable("REDIS_URL", _REDIS, None, "Broker, cache and rate limits.", is_secret=True),
        Variable("SECRET_KEY", envtypes.secret_key, None, "Signs sessions and tokens.", is_secret=True),
        Variable(
            "KEY_ENCRYPTION_KEYS",
            envtypes.keys,
            None,
            "Wrap the clients' data keys; first is active.",
            is_secret=True,
        ),
        Variable(
            "AUDIT_SIGNING_KEY",
            envtypes.bytes32,
            None,
            "Ed25519 seed that signs the audit anchors.",
            is_secret=True,
        ),
        Variable(
            "PLATFORM_ENDPOINTS", envtypes.endpoints, {}, "A platform's real origin to the one to call."
        ),
        Variable("ALLOWED_HOSTS", envtypes.words, None, "Host names the API answers for."),
        Variable(
            "CORS_ORIGINS", envtypes.origins, [], "Origins of browser applications that may call the API."
        ),
        Variable("TRUSTED_PROXIES", envtypes.whole, 0, "How many proxies in front add X-Forwarded-For."),
        Variable(
            "EMAIL_URL",
            envtypes.url("smtp", "smtps", "console"),
            "console:",
            "Where mail goes.",
            is_secret=True,
        ),
        Variable("EMAIL_FROM", envtypes.text, "agency@localhost", "Sender of the product's mail."),
        Variable(
            "EMAIL_VERIFICATION",
            envtypes.choice("mandatory", "optional", "none"),
            None,
            "Before a first login.",
        ),
        Variable("STAFF_TOTP_REQUIRED", envtypes.flag, False, "Whether agency staff need a second factor."),
        Variable("DEBUG", envtypes.flag, None, "Tracebacks in answers; never in production."),
        Variable(
            "VAR_DIR", envtypes.path, ROOT / "var", "Data of the embedded servers, dev envtypes.keys, logs."
        ),
        Variable(
            "LOG_LEVEL",
            envtypes.choice("DEBUG", "INFO", "WARNING", "ERROR"),
            "INFO",
            "Least severe line to log.",
        ),
        Variable(
            "PROMETHEUS_MULTIPROC_DIR",
            envtypes.path,
            None,
            "Where API processes merge metrics; emptied at start.",
        ),
        Variable(
            "METRICS_TOKEN",
            envtypes.token,
            None,
            "Reads /metrics, which names clients; closed in production without it.",
            is_secret=True,
        ),
        Variable(
            "REPORT_WAIT_SECONDS", envtypes.whole, 5, "Longest wait that sleeps instead of deferring its job."
        ),
        Variable("ALLOW_EMBEDDED", envtypes.flag, False, "Production: permit the embedded servers."),
        Variable("ALLOW_DEV_KEYS", envtypes.flag, False, "Production: permit the keys made for development."),
        Variable("ALLOW_DEBUG", envtypes.flag, False, "Production: permit DEBUG."),
    )
}


def read(mode: Mode, environ: Mapping[str, str]) -> Environment:
    """Parse `environ` for `mode`; raises ConfigurationError with every problem at once."""
    problems: list[str] = []
    values = {v.name: _value(v, environ, problems) for v in VARIABLES.values()}
    if mode is Mode.PROD:
        malformed = {problem.split(" ", 1)[0].removesuffix("_FILE") for problem in problems}
        problems += _production_problems(values, malformed)
    if problems:
        raise ConfigurationError(problems)
    return _environment(mode, values)


def _value(variable: Variable, environ: Mapping[str, str], problems: list[str]) -> Any:
    """The variable's parsed value or its default; what is wrong with it is appended to `problems`."""
    name, text = variable.name, environ.get(variable.name, "").strip()
    file_name = environ.get(f"{name}_FILE", "").strip() if variable.is_secret else ""
    if text and file_name:
        problems.append(f"{name} and {name}_FILE are both set: keep one")
        return variable.default
    if file_name:
        try:
            text = Path(file_name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}_FILE cannot be read: {type(error).__name__} on {file_name}")
            return variable.default
        if not text:
            problems.append(f"{name}_FILE names an empty file: {file_name}")
            return variable.default
    if not text:
        return variable.default
    try:
        return variable.parse(text)
    except ValueError as error:
        problems.append(f"{name} {error}")
        return variable.default


def _production_problems(values: Mapping[str, Any], malformed: set[str]) -> list[str]:
    """What production refuses; a variable that is malformed already is not reported again as missing."""
    problems = []
    for name in ("DATABASE_URL", "REDIS_URL"):
        if values[name] is None and name not in malformed and not values["ALLOW_EMBEDDED"]:
            problems.append(f"{name} is missing; production uses no embedded server unless ALLOW_EMBEDDED=1")
    for name in ("SECRET_KEY", "KEY_ENCRYPTION_KEYS", "AUDIT_SIGNING_KEY"):
        if values["ALLOW_DEV_KEYS"] or name in malformed:
            continue
        if values[name] is None:
            problems.append(f"{name} is missing; production makes up no key unless ALLOW_DEV_KEYS=1")
        elif devkeys.is_dev_key(values[name]):
            problems.append(f"{name} is a development key; production refuses it unless ALLOW_DEV_KEYS=1")
    if not values["ALLOWED_HOSTS"] and "ALLOWED_HOSTS" not in malformed:
        problems.append("ALLOWED_HOSTS is missing")
    if values["DEBUG"] and not values["ALLOW_DEBUG"]:
        problems.append("DEBUG is on; production refuses it unless ALLOW_DEBUG=1")
    if values["PLATFORM_ENDPOINTS"]:
        problems.append("PLATFORM_ENDPOINTS is set; production calls the platforms' own origins only")
    return problems


def _environment(mode: Mode, values: Mapping[str, Any]) -> Environment:
    """Fill in what was left open: embedded servers, keys for development, and what follows from the mode."""
    var_dir: Path = values["VAR_DIR"]
    database, owner, redis = values["DATABASE_URL"], values["DATABASE_OWNER_URL"], values["REDIS_URL"]
    if database is None or redis is None:
        own = embedded.urls(var_dir)
        if database is None:
            owner = owner or own.owner
    secrets = {name: values[name] for name in ("SECRET_KEY", "KEY_ENCRYPTION_KEYS", "AUDIT_SIGNING_KEY")}
    if None in secrets.values():
        made = devkeys.load(var_dir)
        secrets = {name: value or getattr(made, name.lower()) for name, value in secrets.items()}
    verification = "mandatory" if mode is Mode.PROD else "optional"
    return Environment(
        mode=mode,
        database_url=database or own.database,
        database_owner_url=owner or database,
        redis_url=redis or own.redis,
        embedded_database=database is None,
        embedded_redis=redis is None,
        secret_key=secrets["SECRET_KEY"],
        key_encryption_keys=secrets["KEY_ENCRYPTION_KEYS"],
        audit_signing_key=secrets["AUDIT_SIGNING_KEY"],
        platform_endpoints=values["PLATFORM_ENDPOINTS"],
        allowed_hosts=values["ALLOWED_HOSTS"] or ["localhost", "127.0.0.1", "[::1]", "testserver"],
        cors_origins=values["CORS_ORIGINS"],
        trusted_proxies=values["TRUSTED_PROXIES"],
        database_pooler=values["DATABASE_POOLER"],
        email_url=values["EMAIL_URL"],
        email_from=values["EMAIL_FROM"],
        email_verification=values["EMAIL_VERIFICATION"] or verification,
        staff_totp_required=values["STAFF_TOTP_REQUIRED"],
        debug=bool(values["DEBUG"]),
        var_dir=var_dir,
        log_level=values["LOG_LEVEL"],
        prometheus_multiproc_dir=values["PROMETHEUS_MULTIPROC_DIR"],
        metrics_token=values["METRICS_TOKEN"],
        report_wait_seconds=values["REPORT_WAIT_SECONDS"],
    )


@functools.cache
def current() -> Environment:
    """The environment of this process, read at the first call; the settings module decides the mode."""
    name = os.environ.get("DJANGO_SETTINGS_MODULE", "").rpartition(".")[2]
    return read(Mode(name) if name in set(Mode) else Mode.DEV, os.environ)
