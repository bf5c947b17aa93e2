"""Where the embedded servers keep data, sockets and password, and as whom they run.

Normally everything is below VAR_DIR. Two things force a private folder in the machine's temporary one, named
by a hash of VAR_DIR: a socket path beyond the kernel's limit, and (as root) a VAR_DIR that the unprivileged
account may not enter.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# sun_path holds 108 bytes with its closing zero; macOS holds 104.
SOCKET_PATH_LIMIT = 103
_LONGEST_SOCKET = ".s.PGSQL.5432.lock"


class EmbeddedError(RuntimeError):
    """An embedded server cannot be placed or started here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user that owns the servers when this process is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of one VAR_DIR's servers. `account` is None when they run as the present user."""

    home: Path
    run: Path
    account: Account | None

    @property
    def password(self) -> str:
        """The password of both servers, made once and kept beside the data, readable by its owner alone."""
        return write_once(self.home / "password", secrets.token_urlsafe(32))

    def prepare(self) -> None:
        """Make the folders, with owners and modes."""
        _make_private(self.home, 0o711 if self.account else 0o700)
        if self.run.parent != self.home:
            _make_private(self.run.parent, 0o711 if self.account else 0o700)
        for folder in (self.run, self.home / "postgres", self.home / "redis"):
            self.own_folder(folder)

    def own_folder(self, folder: Path) -> None:
        """Make a folder that only the servers' account may enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self.give(folder)

    def give(self, path: Path) -> None:
        """Hand a file or folder to the servers' account."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def run_command(
        self, command: Sequence[Path | str], *, text_in: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the servers' programs under their account, with a bare environment."""
        account: dict[str, Any] = {}
        if self.account:
            account = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603 (the programs are our own dependencies', the arguments ours)
            [str(part) for part in command],
            input=text_in,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env={"PATH": os.defpath, "LANG": "C", "TZ": "UTC"},
            **account,
        )

    def usable(self, folder: Path, name: str) -> Path:
        """`folder` if the servers' account may read it, else a copy that it may."""
        if self.account is None or may_enter(folder, self.account):
            return folder
        version = hashlib.sha256(f"{folder}:{folder.stat().st_mtime_ns}".encode()).hexdigest()[:8]
        copy = self.home / f"{name}-{version}"
        if not copy.exists():
            partial = self.home / f"{name}-{version}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(folder, partial, symlinks=True)
            partial.chmod(0o755)
            partial.rename(copy)
        return copy


@functools.cache
def places_of(var_dir: Path) -> Places:
    """The places of a VAR_DIR; the same answer in every process of the same user."""
    account = unprivileged_account() if os.geteuid() == 0 else None
    home, elsewhere = var_dir / "embedded", _elsewhere(var_dir)
    if account and not may_enter(home, account):
        home = elsewhere
    run = home / "run"
    if len(os.fsencode(run / _LONGEST_SOCKET)) > SOCKET_PATH_LIMIT:
        run = elsewhere / "run"
    return Places(home=home, run=run, account=account)


def unprivileged_account() -> Account:
    """postgres where it exists, else nobody; PostgreSQL refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("as root the embedded servers need a user named postgres or nobody")


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the account may pass every existing folder on the way to `folder`."""
    for step in [*reversed(folder.parents), folder]:
        try:
            found = step.stat()
        except FileNotFoundError:
            return True
        bit = stat.S_IXOTH
        if found.st_uid == account.uid:
            bit = stat.S_IXUSR
        elif found.st_gid == account.gid:
            bit = stat.S_IXGRP
        if not found.st_mode & bit:
            return False
    return True


def write_once(path: Path, text: str) -> str:
    """The text of `path`, which is written with `text` if it is not there; safe among processes.

    The file appears complete and readable by its owner alone, or not at all.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # Another process was first: its text is the one that counts.
    finally:
        partial.unlink()
    return path.read_text(encoding="utf-8")


def _elsewhere(var_dir: Path) -> Path:
    # TMPDIR is not asked, because it may differ between two processes that must meet at one socket.
    base = next(folder for folder in (Path("/var/tmp"), Path("/tmp")) if folder.is_dir())  # noqa: S108
    name = hashlib.sha256(f"{os.geteuid()}:{var_dir}".encode()).hexdigest()[:16]
    return base / f"agency-{name}"


def _make_private(folder: Path, mode: int) -> None:
    """Make a folder of ours; one that somebody else put there is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else; set VAR_DIR to another folder")
    folder.chmod(mode)
