"""The two ways in which a supervised process begins: as a program, or as a fork of this very process.

A fork has loaded already what its parent has loaded, which for the whole product takes seconds of a core.
It inherits everything else as well, so what must not be shared is given up on either side of it: database
connections before, signal handlers, standard streams and the process group after.
"""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.db import connections

from config.bound import bind

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BOUND = Path(__file__).with_name("bound.py")

# As an installed program calls it: what it returns is the exit code.
Main = Callable[[], Any]


class Running(Protocol):
    """A process that has begun."""

    @property
    def pid(self) -> int:
        """Its id, and that of its process group."""

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for its end; returns whether it has ended."""


class Program:
    """A program in a process group of its own."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], out: BinaryIO) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 (the commands are the product's own)
            [sys.executable, str(_BOUND), str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
            start_new_session=True,
        )
        self.pid = self._popen.pid

    def poll(self) -> int | None:
        """See Running."""
        return self._popen.poll()

    def wait(self, seconds: float) -> bool:
        """See Running."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


class Fork:
    """`main`, called with `argv` in a fork of this process, in a process group of its own."""

    def __init__(self, main: Main, argv: Sequence[str], env: Mapping[str, str], out: BinaryIO) -> None:
        connections.close_all()
        leads, told = os.pipe()
        arguments = (os.getpid(), main, argv, env, out.fileno(), told)
        self._process = multiprocessing.get_context("fork").Process(target=_begin, args=arguments)
        # A request to end that comes before `_begin` can obey it waits until then.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os.close(told)
        # Returns at the fork's `os.close`, or at its end: from then on it can be reached as a group.
        os.read(leads, 1)
        os.close(leads)
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """See Running."""
        return self._process.exitcode

    def wait(self, seconds: float) -> bool:
        """See Running."""
        self._process.join(seconds)
        return self._process.exitcode is not None


def _begin(parent: int, main: Main, argv: Sequence[str], env: Mapping[str, str], out: int, told: int) -> None:
    """Make the fork look like a program that was just started, and run it."""
    os.setsid()
    os.close(told)
    bind(parent)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
        os.dup2(out, descriptor)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    os.environ.update(env)
    sys.argv[:] = argv
    # What is loaded stays. Celery looks for garbage before it forks each process of its pool: a fifth of a
    # second each, were it to look through all of it.
    gc.freeze()
    sys.exit(main())
