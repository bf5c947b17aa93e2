"""Which kinds of durable work there are: filled by `@job_task` while the apps' task modules are imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config.lib.errors import InternalError, gettext_noop


class UnknownTask(InternalError):
    """No task of this name is registered in this process: a misspelt name, or a module not imported."""

    code = "unknown_task"
    title = gettext_noop("There is no task of this name")
    permanent = True


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One kind of job: the function that does it, its queue, and for how long a holder is trusted."""

    kind: str
    function: Callable[..., dict[str, Any] | None]
    queue: str
    lease: timedelta


_jobs: dict[str, JobSpec] = {}


def add_job(spec: JobSpec) -> None:
    """Register a kind of job; a second function for the same kind is refused."""
    former = _jobs.get(spec.kind)
    if former is not None and former.function.__qualname__ != spec.function.__qualname__:
        raise ValueError(f"two functions want to be the job {spec.kind}")
    _jobs[spec.kind] = spec


def get_job_spec(kind: str) -> JobSpec:
    """The kind of this name; `UnknownTask` when there is none."""
    try:
        return _jobs[kind]
    except KeyError:
        raise UnknownTask(f"no job is called {kind!r}") from None


def job_kinds() -> tuple[str, ...]:
    """The names of all kinds of jobs."""
    return tuple(sorted(_jobs))
