"""Keys for development, made once per VAR_DIR and bearing a mark by which production refuses them."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from config.embedded.places import write_once

_MARK = "dev-only-"


@dataclass(frozen=True, slots=True)
class DevKeys:
    """What SECRET_KEY, KEY_ENCRYPTION_KEYS and AUDIT_SIGNING_KEY would hold."""

    secret_key: str
    key_encryption_keys: dict[str, bytes]
    audit_signing_key: bytes


def load(var_dir: Path) -> DevKeys:
    """The keys of this VAR_DIR, made at the first call and readable by their owner alone."""
    made = {
        name: base64.b64encode(_MARK.encode() + secrets.token_bytes(23)).decode() for name in ("kek", "audit")
    }
    made["secret_key"] = _MARK + secrets.token_urlsafe(48)
    kept = json.loads(write_once(var_dir / "dev-keys.json", json.dumps(made)))
    return DevKeys(
        secret_key=kept["secret_key"],
        key_encryption_keys={"dev1": base64.b64decode(kept["kek"])},
        audit_signing_key=base64.b64decode(kept["audit"]),
    )


def is_dev_key(value: str | bytes | dict[str, bytes]) -> bool:
    """Whether a key bears the mark of `load`."""
    if isinstance(value, dict):
        return any(is_dev_key(key) for key in value.values())
    return (value.encode() if isinstance(value, str) else value).startswith(_MARK.encode())
