"""The processes of a running product: API, worker, beat. Used by `serve` and by `demo`."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import granian.cli
import httpx  # lint-skip: raw-http asks the API that it has just started whether it is ready
from celery.bin.celery import main as celery_main
from django.conf import settings
from redis import Redis

from config.beat import PULSE_KEY
from config.celery import QUEUES, app
from config.lib import clock
from config.loopback import loopback_client
from config.processes import Process


class PortTaken(RuntimeError):
    """Another program listens where the API should."""


def processes(*, host: str, port: int, api_workers: int = 2, concurrency: int = 2) -> list[Process]:
    """API (granian, WSGI workers of one thread), Celery worker (prefork) and beat; raises PortTaken.

    Syncs wait more than they compute, so `concurrency` may exceed the number of cores.
    """
    _require_free(host, port)
    metrics_dir = _emptied(Path(settings.VAR_DIR) / "metrics")
    # Django's checks are for those who change the product: `make check` and the tests run them.
    common = {"PYTHONUNBUFFERED": "1", "CELERY_SKIP_CHECKS": "1"}
    worker = f"worker-{port}@{socket.gethostname()}"
    began = clock.now()
    return [
        Process(
            "api",
            [
                *(_program("granian"), "--interface", "wsgi", "--host", host, "--port", str(port)),
                *("--workers", str(api_workers), "--blocking-threads", "1"),
                *("--no-ws", "--respawn-failed-workers"),
                *("--workers-kill-timeout", "10", "config.wsgi:application"),
            ],
            env={**common, "PROMETHEUS_MULTIPROC_DIR": str(metrics_dir)},
            is_ready=answers(f"http://{host}:{port}", "/readyz"),
            main=granian.cli.entrypoint,
        ),
        Process(
            "worker",
            [
                *(_program("celery"), "--app", "config", "worker", "--queues", ",".join(QUEUES)),
                *("--concurrency", str(concurrency), "--hostname", worker, "--loglevel", settings.LOG_LEVEL),
                *("--without-gossip", "--without-mingle"),
            ],
            env=common,
            is_ready=lambda: bool(app.control.ping(destination=[worker], timeout=0.5)),
            main=celery_main,
        ),
        Process(
            "beat",
            [_program("celery"), "--app", "config", "beat", "--loglevel", settings.LOG_LEVEL, "--pidfile="],
            env=common,
            is_ready=lambda: _pulse_since(began),
            main=celery_main,
        ),
    ]


def _program(name: str) -> str:
    """The program of this very environment, whatever PATH says."""
    return str(Path(sys.executable).with_name(name))


def answers(base_url: str, path: str) -> Callable[[], bool]:
    """What asks a server of ours whether it is ready."""
    client = loopback_client(base_url, timeout=2)

    def ask() -> bool:
        try:
            return client.get(path).status_code == 200
        except httpx.TransportError:
            return False

    return ask


def _pulse_since(began: datetime) -> bool:
    with Redis.from_url(settings.REDIS_URL) as redis:
        pulse = redis.get(PULSE_KEY)
    return isinstance(pulse, bytes) and datetime.fromisoformat(pulse.decode()) >= began


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"{host}:{port} cannot be used ({os.strerror(error.errno or 0)})") from error


def _emptied(folder: Path) -> Path:
    """Metrics of processes that have ended are of no use to the next ones."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
