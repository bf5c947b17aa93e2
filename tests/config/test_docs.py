"""The documentation pages: served without the network, and strict about what they may load."""

from __future__ import annotations

import re

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_a_page_loads_only_what_this_server_has(client: Client, path: str) -> None:
    """Every script and style is a local file that is really served."""
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert assets
    for asset in assets:
        assert asset.startswith(("/static/", "/api/"))
        served = client.get(asset)
        assert served.status_code == 200
        content = b"".join(served) if served.streaming else served.content
        assert len(content) > 1000
        assert b"https://cdn." not in content, "a picture of another server, which the policy refuses"


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_the_policy_admits_the_pages_own_script_alone(client: Client, path: str) -> None:
    """The nonce is in the header and on the script, and new each time."""
    first, second = client.get(path), client.get(path)
    nonce = re.search(r"'nonce-([^']+)'", first["Content-Security-Policy"])
    assert nonce
    assert f'nonce="{nonce[1]}"' in first.content.decode()
    assert nonce[1] not in second["Content-Security-Policy"]


def test_the_description_is_served_in_both_forms(client: Client) -> None:
    """YAML for people, JSON for the readers; OpenAPI 3.1."""
    assert client.get("/api/schema").content.decode().startswith("openapi: 3.1")
    document = client.get("/api/schema?format=json").json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/me" in document["paths"]
