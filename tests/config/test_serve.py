"""`manage.py serve` on a machine without anything: everything comes up, answers, and goes down again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

from config import embedded
from config.envtypes import ROOT


@pytest.mark.slow
def test_serve_starts_everything_and_stops_what_it_started() -> None:
    """From an empty VAR_DIR to a healthy product, and back to no process of ours."""
    folder = Path(tempfile.mkdtemp(prefix="agency-test-"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "COVERAGE_FILE"}}
    environ |= {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    served = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert served.stdout is not None
        lines = []
        for line in served.stdout:
            lines.append(line)
            if line.startswith("ready: "):
                break
        else:
            pytest.fail("serve ended: " + "".join(lines))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            assert b'"beat": {"status": "ok"' in answer.read()
        served.send_signal(signal.SIGTERM)
        rest, _ = served.communicate(timeout=60)
        assert served.returncode == 0, rest
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
        status = embedded.status(folder)
        assert (status.is_database_ready, status.is_redis_ready) == (False, False)
    finally:
        served.kill()
        served.wait()
        assert embedded.stop(folder)
        shutil.rmtree(folder)
