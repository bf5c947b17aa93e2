"""A client for our own servers on this machine."""

from __future__ import annotations

import ssl
from typing import Any

import httpx  # lint-skip: raw-http asks our own processes, not a platform


def loopback_client(base_url: str, *, timeout: float, **options: Any) -> httpx.Client:
    """An HTTP client that trusts no certificate at all, and so speaks HTTP alone.

    Loading the certificates of the world's authorities takes a twentieth of a second for each client.
    """
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(base_url=base_url, timeout=timeout, verify=nobody, **options)
