"""The environment, typed and read once: everything that may differ between two machines, and nothing else.

All problems are collected and raised together, so that an operator repairs a deployment in one go.
Every secret may also be given as a file through NAME_FILE, as container platforms mount secrets.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import devkeys, embedded

ROOT = Path(__file__).resolve().parent.parent


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
    report_wait_seconds: int


def _text(text: str) -> str:
    return text


def _flag(text: str) -> bool:
    known = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in known:
        raise ValueError("is not a yes or no: write 1 or 0")
    return known[text.lower()]


def _whole(text: str) -> int:
    if not text.isdigit():
        raise ValueError("is not a whole number")
    return int(text)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _choice(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in {word.lower() for word in words}:
            raise ValueError(f"must be one of {', '.join(words)}")
        return next(word for word in words if word.lower() == text.lower())

    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"must be a URL that starts with {' or '.join(s + ':' for s in schemes)}")
        return text

    return parse


def _is_origin(text: object) -> bool:
    if not isinstance(text, str):
        return False
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not (parts.path or parts.query)


def _origins(text: str) -> list[str]:
    words = _words(text)
    if not all(_is_origin(word) for word in words):
        raise ValueError("must list origins such as https://app.example.com, without a path")
    return words


def _endpoints(text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError("is not JSON") from error
    if not isinstance(value, dict) or not all(_is_origin(o) for pair in value.items() for o in pair):
        raise ValueError(
            'must be a JSON object of origins: {"https://real.example": "http://127.0.0.1:4101"}'
        )
    return value


def _bytes32(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64") from error
    if len(raw) != 32:
        raise ValueError(f"must be 32 bytes in base64, not {len(raw)}")
    return raw


def _keys(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for word in _words(text):
        key_id, colon, encoded = word.partition(":")
        if not colon or not key_id:
            raise ValueError('must read "id:base64-of-32-bytes", several joined by commas')
        if key_id in keys:
            raise ValueError(f"names the key {key_id} twice")
        keys[key_id] = _bytes32(encoded)
    if not keys:
        raise ValueError("holds no key")
    return keys


def _path(text: str) -> Path:
    return (ROOT / text).resolve()


def _secret_key(text: str) -> str:
    if len(text) < 50:
        raise ValueError("must have at least 50 characters")
    return text


_POSTGRES = _url("postgresql", "postgres")
_REDIS = _url("redis", "rediss", "unix")

VARIABLES: dict[str, Variable] = {
    v.name: v
    for v in (
        Variable("DATABASE_URL", _POSTGRES, None, "PostgreSQL, as the login role.", is_secret=True),
        Variable("DATABASE_OWNER_URL", _POSTGRES, None, "PostgreSQL, as the owner.", is_secret=True),
        Variable("DATABASE_POOLER", _choice("none", "session"), "none", "PgBouncer's mode, if there is one."),
        Variable("REDIS_URL", _REDIS, None, "Broker, cache and rate limits.", is_secret=True),
        Variable("SECRET_KEY", _secret_key, None, "Signs sessions and tokens.", is_secret=True),
        Variable(
            "KEY_ENCRYPTION_KEYS",
            _keys,
            None,
            "Wrap the clients' data keys; first is active.",
            is_secret=True,
        ),
        Variable(
            "AUDIT_SIGNING_KEY", _bytes32, None, "Ed25519 seed that signs the audit anchors.", is_secret=True
        ),
        Variable("PLATFORM_ENDPOINTS", _endpoints, {}, "A platform's real origin to the one to call."),
        Variable("ALLOWED_HOSTS", _words, None, "Host names the API answers for."),
        Variable("CORS_ORIGINS", _origins, [], "Origins of browser applications that may call the API."),
        Variable("TRUSTED_PROXIES", _whole, 0, "How many proxies in front add X-Forwarded-For."),
        Variable(
            "EMAIL_URL", _url("smtp", "smtps", "console"), "console:", "Where mail goes.", is_secret=True
        ),
        Variable("EMAIL_FROM", _text, "agency@localhost", "Sender of the product's mail."),
        Variable(
            "EMAIL_VERIFICATION", _choice("mandatory", "optional", "none"), None, "Before a first login."
        ),
        Variable("STAFF_TOTP_REQUIRED", _flag, False, "Whether agency staff need a second factor."),
        Variable("DEBUG", _flag, None, "Tracebacks in answers; never in production."),
        Variable("VAR_DIR", _path, ROOT / "var", "Data of the embedded servers, dev keys, logs."),
        Variable(
            "LOG_LEVEL", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "Least severe line to log."
        ),
        Variable(
            "PROMETHEUS_MULTIPROC_DIR", _path, None, "Where API processes merge metrics; emptied at start."
        ),
        Variable("REPORT_WAIT_SECONDS", _whole, 5, "Longest wait that sleeps instead of deferring its job."),
        Variable("ALLOW_EMBEDDED", _flag, False, "Production: permit the embedded servers."),
        Variable("ALLOW_DEV_KEYS", _flag, False, "Production: permit the keys made for development."),
        Variable("ALLOW_DEBUG", _flag, False, "Production: permit DEBUG."),
        Variable("ALLOW_PLATFORM_ENDPOINTS", _flag, False, "Production: permit PLATFORM_ENDPOINTS."),
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
    if values["PLATFORM_ENDPOINTS"] and not values["ALLOW_PLATFORM_ENDPOINTS"]:
        problems.append("PLATFORM_ENDPOINTS is set; production refuses it unless ALLOW_PLATFORM_ENDPOINTS=1")
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
        report_wait_seconds=values["REPORT_WAIT_SECONDS"],
    )


@functools.cache
def current() -> Environment:
    """The environment of this process, read at the first call; the settings module decides the mode."""
    name = os.environ.get("DJANGO_SETTINGS_MODULE", "").rpartition(".")[2]
    return read(Mode(name) if name in set(Mode) else Mode.DEV, os.environ)
