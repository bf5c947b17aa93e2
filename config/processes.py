"""Child processes kept together: started in order, waited for, logged, and stopped as one.

Every child leads a process group of its own, so that Ctrl-C reaches the supervisor alone, which then stops
the children in reverse order; SIGKILL of the supervisor ends them too (config.bound). Children write to their
log files directly: they do not depend on anybody reading.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, TextIO

from config.children import SIGNALS, Fork, Main, Program, Running

_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.05


class ProcessFailed(RuntimeError):
    """A child ended by itself or did not become ready; the message holds the end of its log."""


class Interrupted(Exception):
    """Somebody asked the supervisor to stop."""


@dataclass(frozen=True, slots=True)
class Process:
    """A program to run. `is_ready` is asked until it says yes; without it, running is enough.

    `main` is the program's own entry point where it is Python that this process has mostly loaded by now: on
    Linux it is then called in a fork, with `command` as its arguments. Elsewhere system libraries may not
    survive a fork, and the command is run.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] | None = None
    main: Main | None = None

    def begin(self, out: BinaryIO) -> Running:
        """Start it, writing to `out`."""
        if self.main is not None and sys.platform == "linux":
            return Fork(self.main, self.command, self.env, out)
        return Program(self.command, self.env, out)


@dataclass(slots=True)
class _Child:
    process: Process
    running: Running
    log: Path
    reader: BinaryIO


class Supervisor:
    """Runs processes until told to stop. Use as a context manager: leaving it stops every child.

    `log_dir` receives one file per process, the last run's is kept as NAME.log.1. With `echo`, new lines
    appear there too, each with its process's name in front.
    """

    def __init__(self, log_dir: Path, echo: TextIO | None = None) -> None:
        self._log_dir = log_dir
        self._echo = echo
        self._children: list[_Child] = []
        self._interrupted = False

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, process: Process) -> None:
        """Start one process in a group of its own."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        log = self._log_dir / f"{process.name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            running = process.begin(out)
        self._children.append(_Child(process, running, log, log.open("rb")))

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Return when every child is ready; ProcessFailed when one ends or takes longer than `seconds`."""
        end = time.monotonic() + seconds
        for child in self._children:
            ready = child.process.is_ready
            while ready is not None and not ready():
                self._breathe()
                if time.monotonic() > end:
                    raise ProcessFailed(self._story(child, f"was not ready within {seconds:.0f} s"))
            self._breathe(0)

    def run(self) -> None:
        """Return when somebody asks to stop; raises ProcessFailed when a child ends by itself."""
        try:
            while True:
                self._breathe()
        except Interrupted:
            return

    def stop(self) -> None:
        """Ask the children to end, the last one first, and make those that do not."""
        for child in reversed(self._children):
            _signal(child, signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        for child in reversed(self._children):
            if not child.running.wait(max(0.0, end - time.monotonic())):
                _signal(child, signal.SIGKILL)
                child.running.wait(_STOP_SECONDS)
            # A program's own children may outlive it; the group is ours to clear.
            _signal(child, signal.SIGKILL)
            self._show(child)
            child.reader.close()
        self._children.clear()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Inside, Ctrl-C, SIGTERM and a closed terminal end `wait_ready` and `run` in good order."""

        def interrupt(number: int, frame: FrameType | None) -> None:
            self._interrupted = True

        former = {number: signal.signal(number, interrupt) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _breathe(self, seconds: float = _POLL_SECONDS) -> None:
        """Show new lines, notice ends and requests, and rest a moment."""
        for child in self._children:
            self._show(child)
            code = child.running.poll()
            if code is not None and not self._interrupted:
                raise ProcessFailed(self._story(child, f"ended with code {code}"))
        if self._interrupted:
            raise Interrupted
        time.sleep(seconds)

    def _show(self, child: _Child) -> None:
        position = child.reader.tell()
        text = child.reader.read()
        whole = text[: text.rfind(b"\n") + 1]
        child.reader.seek(position + len(whole))
        if self._echo:
            for line in whole.decode(errors="replace").splitlines():
                self._echo.write(f"{child.process.name:>9} | {line}\n")
            self._echo.flush()

    def _story(self, child: _Child, what: str) -> str:
        lines = child.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return "\n".join([f"{child.process.name} {what}; {child.log} ends with:", *lines])


def _signal(child: _Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.running.pid, number)
    except ProcessLookupError:
        return  # The whole group has ended.
