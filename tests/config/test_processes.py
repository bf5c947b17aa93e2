"""Supervised processes: ready in order, logged, and gone when their supervisor is, however it goes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connections

from config.processes import Process, ProcessFailed, Supervisor

SLEEP = "import time; print('hello', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('hello', flush=True); time.sleep(60)"
)
SUPERVISE = """
import sys, pathlib
from config.processes import Process, Supervisor
log, way, code = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
main = (lambda: exec(code)) if way == "fork" else None
with Supervisor(log) as supervisor, supervisor.signals():
    env = {"COLOUR": "teal", "PYTHONUNBUFFERED": "1"}
    supervisor.start(Process("one", [sys.executable, "-c", code], env=env, main=main))
    supervisor.wait_ready()
    print(supervisor._children[0].running.pid, flush=True)
    supervisor.run()
print("stopped", flush=True)
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
# A fork has loaded what its supervisor has; everything else about it is as of a program.
WAYS = pytest.mark.parametrize("way", ["program", pytest.param("fork", marks=LINUX)])
TELL = """
import os, signal, sys, time
from django.db import connections
print(sys.argv[1:], os.environ["COLOUR"], os.getpid() == os.getpgid(0))
print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, signal.pthread_sigmask(signal.SIG_BLOCK, []))
print("trouble", file=sys.stderr)
time.sleep(60)
"""


def python(name: str, code: str) -> Process:
    """A process that runs some Python."""
    return Process(name, [sys.executable, "-c", code])


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pid: int) -> bool:
    """Whether the process ends within ten seconds."""
    end = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(pid)


def supervise(tmp_path: Path, way: str, code: str = SLEEP) -> tuple[subprocess.Popen[str], int]:
    """A supervisor in a process of its own, and the pid of its child, which is a program or a fork of it."""
    popen = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path), way, code], stdout=subprocess.PIPE, text=True
    )
    assert popen.stdout is not None
    return popen, int(popen.stdout.readline())


def test_lines_are_logged_and_shown_with_their_process(tmp_path: Path) -> None:
    """Each process has its file; the echo names the process; the former run's file is kept."""
    echo = io.StringIO()
    for _ in range(2):
        with Supervisor(tmp_path, echo) as supervisor:
            supervisor.start(python("greeter", "print('hello'); import time; time.sleep(60)"))
            supervisor.start(python("other", SLEEP))
            log = tmp_path / "other.log"
            supervisor.wait_ready()
            end = time.monotonic() + 10
            while "hello" not in log.read_text() and time.monotonic() < end:
                time.sleep(0.05)
    assert "other | hello" in echo.getvalue()
    assert (tmp_path / "other.log.1").read_text() == "hello\n"


def test_ready_means_that_the_process_says_so(tmp_path: Path) -> None:
    """wait_ready asks until the answer is yes."""
    flag = tmp_path / "flag"
    code = f"import pathlib, time; time.sleep(0.3); pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Process("slow", [sys.executable, "-c", code], is_ready=flag.exists))
        supervisor.wait_ready(20)
        assert flag.exists()


def test_a_process_that_is_never_ready_fails_the_start(tmp_path: Path) -> None:
    """The error says which process, and how its log ends."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Process("never", [sys.executable, "-c", SLEEP], is_ready=lambda: False))
        with pytest.raises(ProcessFailed, match=r"never was not ready within 1 s(.|\n)*hello"):
            supervisor.wait_ready(1)


def test_the_end_of_one_is_the_end_of_all(tmp_path: Path) -> None:
    """A process that dies is reported with its last words, and the others are stopped."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("steady", SLEEP))
        supervisor.start(python("dying", "print('last words'); raise SystemExit(3)"))
        pid = supervisor._children[0].running.pid
        with pytest.raises(ProcessFailed, match=r"dying ended with code 3(.|\n)*last words"):
            supervisor.run()
    assert not is_alive(pid)


@WAYS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_its_children(tmp_path: Path, way: str, number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and a closed terminal all end in good order."""
    popen, child = supervise(tmp_path, way)
    popen.send_signal(number)
    out, _ = popen.communicate(timeout=20)
    assert out.strip() == "stopped"
    assert not is_alive(child)


def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM is a request with a time limit."""
    monkeypatch.setattr("config.processes._STOP_SECONDS", 0.3)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("stubborn", STUBBORN))
        pid = supervisor._children[0].running.pid
        while "hello" not in (tmp_path / "stubborn.log").read_text():
            time.sleep(0.05)
    assert not is_alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@WAYS
def test_kill_9_of_the_supervisor_ends_its_children(tmp_path: Path, way: str) -> None:
    """Nothing is left behind even when the supervisor cannot clean up."""
    popen, child = supervise(tmp_path, way)
    popen.kill()
    popen.communicate()
    assert wait_until_gone(child)


def test_children_lead_groups_of_their_own(tmp_path: Path) -> None:
    """A terminal's Ctrl-C must reach the supervisor alone."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("one", SLEEP))
        pid = supervisor._children[0].running.pid
        assert os.getpgid(pid) == pid != os.getpgid(0)


@WAYS
def test_a_fork_looks_like_a_program(tmp_path: Path, way: str) -> None:
    """Arguments, environment, group, signals and streams are its own; lines are in the log at once."""
    popen, _ = supervise(tmp_path, way, TELL)
    end = time.monotonic() + 10
    while "trouble" not in (text := (tmp_path / "one.log").read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    popen.terminate()
    popen.communicate(timeout=20)
    arguments = "['-c', " if way == "fork" else "[] "
    assert text.startswith(arguments)
    assert "teal True\nTrue set()\ntrouble\n" in text


@LINUX
def test_a_fork_that_ends_is_told_of(tmp_path: Path) -> None:
    """Its exit code and its last words are those of a program."""

    def dying() -> None:
        os.write(1, b"last words\n")
        raise SystemExit(3)

    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Process("dying", ["dying"], main=dying))
        with pytest.raises(ProcessFailed, match=r"dying ended with code 3(.|\n)*last words"):
            supervisor.run()


@LINUX
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_fork_shares_no_database_connection(tmp_path: Path) -> None:
    """What a fork does to a connection it inherited would be done to its parent's."""
    connections["owner"].ensure_connection()
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Process("sleeping", ["sleeping"], main=lambda: time.sleep(60)))
        assert connections["owner"].connection is None
