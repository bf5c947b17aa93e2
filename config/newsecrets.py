"""`python -m config.newsecrets FOLDER`: make every secret that docker-compose.yml mounts, once.

Files that exist are kept, so running it again never locks anybody out. Containers read the files as various
users, hence their mode; the folder itself admits its owner alone.
"""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path


def write(folder: Path) -> list[str]:
    """Write what is missing and return the names of the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    written = [name for name in ("owner_password", "login_password", "redis_password") if _made(folder, name)]
    owner, login, redis = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("owner_password", "login_password", "redis_password")
    )
    texts = {
        "database_owner_url": f"postgresql://agency:{owner}@postgres:5432/agency",
        "database_url": f"postgresql://agency_login:{login}@postgres:5432/agency",
        "redis_url": f"redis://:{redis}@redis:6379/0",
        "secret_key": secrets.token_urlsafe(64),
        "key_encryption_keys": f"k1:{_bytes32()}",
        "audit_signing_key": _bytes32(),
    }
    return written + [name for name, text in texts.items() if _made(folder, name, text)]


def _made(folder: Path, name: str, text: str = "") -> bool:
    path = folder / name
    if path.exists():
        return False
    path.write_text(text or secrets.token_urlsafe(32), encoding="utf-8")
    path.chmod(0o444)
    return True


def _bytes32() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m config.newsecrets FOLDER")
    sys.stdout.writelines(f"made {name}\n" for name in write(Path(sys.argv[1])))
