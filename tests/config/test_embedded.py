"""The embedded servers: found again after crashes, started once by many, never as root, never with a port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config import embedded
from config.embedded import places as placing
from config.embedded.places import SOCKET_PATH_LIMIT, Account, may_enter, places_of, write_once

START = "import sys; from pathlib import Path; from config import embedded; embedded.start(Path(sys.argv[1]))"


@pytest.fixture(scope="module")
def var_dir() -> Iterator[Path]:
    """A VAR_DIR that everybody may enter, with its servers running; stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="agency-test-"))
    folder.chmod(0o755)
    embedded.start(folder)
    yield folder
    assert embedded.stop(folder)
    shutil.rmtree(folder)


def ask(var_dir: Path, query: str, user: str | None = None) -> object:
    """One value from the embedded database, as the owner unless told."""
    urls = embedded.urls(var_dir)
    with psycopg.connect(user or urls.owner) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def postmaster(var_dir: Path) -> int:
    """The server's process id."""
    return int((places_of(var_dir).home / "postgres/data/postmaster.pid").read_text().split()[0])


def kill(pid: int) -> None:
    """SIGKILL, and wait until the process is gone."""
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)


def run_start(var_dir: Path) -> subprocess.Popen[bytes]:
    """Another process that starts the servers and ends."""
    return subprocess.Popen([sys.executable, "-c", START, str(var_dir)])


def test_the_bootstrap_makes_database_and_roles(var_dir: Path) -> None:
    """The login role owns nothing, inherits nothing, and may become the public role."""
    urls = embedded.urls(var_dir)
    assert ask(var_dir, "select current_user", urls.database) == "agency_login"
    assert ask(var_dir, "select rolinherit from pg_roles where rolname = 'agency_login'") is False
    assert ask(var_dir, "select rolcanlogin from pg_roles where rolname = 'agency_public'") is False
    with psycopg.connect(urls.database) as connection:
        connection.execute("set role agency_public")
    options = ask(
        var_dir,
        "select (inherit_option, set_option)::text from pg_auth_members"
        " where member = 'agency_login'::regrole",
    )
    assert options == "(f,t)"


def test_the_configuration_is_for_many_schemas_and_survives_power_loss(var_dir: Path) -> None:
    """fsync on, enough locks for a migration of many schemas, no TCP port."""
    assert ask(var_dir, "show fsync") == "on"
    assert ask(var_dir, "show max_locks_per_transaction") == "256"
    assert ask(var_dir, "show listen_addresses") == ""
    assert ask(var_dir, "show timezone") == "UTC"


def test_both_servers_demand_the_password(var_dir: Path) -> None:
    """Standing on the same machine is not enough."""
    there = places_of(var_dir)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:wrong@/agency?host={there.run}")
    with (
        Redis(unix_socket_path=str(there.run / "redis.sock")) as redis,
        pytest.raises(Exception, match="auth"),
    ):
        redis.ping()
    assert (there.home / "password").stat().st_mode & 0o777 == 0o600


def test_servers_that_do_not_run_are_found_out_at_once(tmp_path: Path) -> None:
    """Nobody waits for retries: every start and stop asks servers that are not there."""
    began = time.monotonic()
    status = embedded.status(tmp_path)
    assert (status.is_database_ready, status.is_redis_ready) == (False, False)
    assert time.monotonic() - began < 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_as_root_the_servers_run_as_somebody_else(var_dir: Path) -> None:
    """Neither server is root's process, and others may not read the data."""
    account = placing.unprivileged_account()
    redis_pid = int((places_of(var_dir).home / "redis/pid").read_text())
    for pid in (postmaster(var_dir), redis_pid):
        assert Path(f"/proc/{pid}").stat().st_uid == account.uid
    assert (places_of(var_dir).home / "postgres/data").stat().st_mode & 0o077 == 0


def test_starting_again_changes_nothing(var_dir: Path) -> None:
    """Idempotent: the same server goes on."""
    before = postmaster(var_dir)
    embedded.start(var_dir)
    assert postmaster(var_dir) == before


def test_kill_9_of_both_servers_loses_nothing_committed(var_dir: Path) -> None:
    """Stale pid file and leftover sockets are overcome; committed rows are there."""
    with psycopg.connect(embedded.urls(var_dir).owner) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (42)")
    kill(postmaster(var_dir))
    kill(int((places_of(var_dir).home / "redis/pid").read_text()))
    assert (places_of(var_dir).run / "redis.sock").exists()
    embedded.start(var_dir)
    assert ask(var_dir, "select n from kept") == 42
    assert Redis.from_url(embedded.urls(var_dir).redis).ping()


def test_a_pid_file_that_names_another_program_is_overcome(var_dir: Path) -> None:
    """After a reboot the number in a stale pid file may belong to anything of the same user."""
    there = places_of(var_dir)
    account = there.account
    ids = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    kill(postmaster(var_dir))
    with subprocess.Popen(["sleep", "60"], **ids) as other:  # type: ignore[call-overload]
        for path in (there.home / "postgres/data/postmaster.pid", there.run / ".s.PGSQL.5432.lock"):
            text = path.read_text().split("\n", 1)[1]
            path.write_text(f"{other.pid}\n{text}")
        embedded.start(var_dir)
        assert other.poll() is None
        other.kill()
    assert ask(var_dir, "select 1") == 1


def test_many_may_start_at_once(var_dir: Path) -> None:
    """Four processes meet a dead server: one starts it, none fails."""
    kill(postmaster(var_dir))
    starters = [run_start(var_dir) for _ in range(4)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0, 0]
    assert ask(var_dir, "select 1") == 1


def test_stop_waits_for_the_last_user(var_dir: Path) -> None:
    """While another process uses the servers they stay, and its end frees them."""
    user = subprocess.Popen(
        [sys.executable, "-c", START + "; print(1, flush=True); sys.stdin.read()", str(var_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert user.stdout is not None
    user.stdout.readline()
    assert embedded.stop(var_dir) is False
    assert ask(var_dir, "select 1") == 1
    user.communicate()
    assert embedded.stop(var_dir) is True
    assert not embedded.status(var_dir).is_database_ready
    embedded.start(var_dir)


def test_half_an_initdb_is_not_taken_for_a_cluster() -> None:
    """What a killed initdb left is not started from: a complete cluster takes its place."""
    folder = Path(tempfile.mkdtemp(prefix="agency-test-"))
    folder.chmod(0o755)
    there = places_of(folder)
    there.prepare()
    leaving = there.home / "postgres/data.dead"
    leaving.mkdir()
    (leaving / "PG_VERSION").write_text("18\n")
    embedded.start(folder, broker=False)
    assert ask(folder, "select 1") == 1
    assert not leaving.exists()
    assert embedded.stop(folder)
    shutil.rmtree(folder)


def test_urls_are_the_same_everywhere_and_start_nothing(var_folder: Path) -> None:
    """Another process computes the same addresses; no server is started by asking."""
    code = (
        "import sys; from pathlib import Path; from config import embedded;"
        "print(embedded.urls(Path(sys.argv[1])))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(var_folder)], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == str(embedded.urls(var_folder))
    assert not embedded.status(var_folder).is_database_ready


def test_a_long_path_moves_the_sockets(tmp_path: Path) -> None:
    """The kernel allows 107 bytes for a socket's path; deeper folders get a short private one."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    run = places_of(deep).run
    assert len(str(run / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT
    assert places_of(deep).run != places_of(deep / "other").run


def test_a_folder_the_account_may_not_enter_is_left(tmp_path: Path) -> None:
    """As root: data go where the unprivileged account may enter, and programs are copied there once."""
    closed = tmp_path / "closed"
    (closed / "bin").mkdir(parents=True)
    (closed / "bin/tool").write_text("x")
    closed.chmod(0o700)
    account = Account("somebody", 64321, 64321)
    assert not may_enter(closed / "bin", account)
    home = tmp_path / "home"
    home.mkdir()
    there = placing.Places(home=home, run=home / "run", account=account)
    copy = there.usable(closed / "bin", "tools")
    assert copy.parent == home
    assert (copy / "tool").read_text() == "x"
    assert there.usable(closed / "bin", "tools") == copy


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_as_root_below_a_private_folder_the_servers_still_start() -> None:
    """A checkout below a home folder closed to others: data and sockets move, and everything works."""
    closed = Path(tempfile.mkdtemp(prefix="agency-test-"))
    assert closed.stat().st_mode & 0o077 == 0
    home = places_of(closed / "var").home
    try:
        assert not home.is_relative_to(closed)
        embedded.start(closed / "var")
        assert ask(closed / "var", "select 1") == 1
        assert embedded.stop(closed / "var")
    finally:
        shutil.rmtree(home)
        shutil.rmtree(closed)


def test_write_once_keeps_the_first_text(tmp_path: Path) -> None:
    """Passwords and keys are made by whoever comes first, complete and private from the start."""
    path = tmp_path / "secret"
    assert write_once(path, "first") == "first"
    assert write_once(path, "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
