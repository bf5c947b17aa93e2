"""What a person may ask of the embedded servers: start, stop, status."""

from __future__ import annotations

import sys

from config import embedded, env

ACTIONS = ("start", "stop", "status")


def run(action: str) -> int:
    """Do one of ACTIONS and say what happened; the exit code is 0 when it was done (status: when all run)."""
    found = env.current()
    if not (found.embedded_database or found.embedded_redis):
        return _say("DATABASE_URL and REDIS_URL name other servers: nothing is embedded here", 0)
    if action == "start":
        embedded.ensure_started()
        return _say("embedded servers are running", 0)
    if action == "stop":
        stopped = embedded.stop(found.var_dir)
        return _say(
            "embedded servers are stopped" if stopped else "still in use: not stopped", 0 if stopped else 1
        )
    if action == "status":
        now = embedded.status(found.var_dir)
        words = {True: "running", False: "not running"}
        _say(f"data: {now.home}", 0)
        _say(f"postgres: {words[now.is_database_ready]}", 0)
        _say(f"redis: {words[now.is_redis_ready]}", 0)
        wanted = (
            now.is_database_ready or not found.embedded_database,
            now.is_redis_ready or not found.embedded_redis,
        )
        return 0 if all(wanted) else 1
    return _say(f"usage: embedded {'|'.join(ACTIONS)}", 2)


def _say(line: str, code: int) -> int:
    sys.stdout.write(line + "\n")
    return code
