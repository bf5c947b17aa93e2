"""We suggest prices and write none: no call, no right and no answer says otherwise."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.registry import PLATFORMS
from pricing.types import BOUNDARY
from tenants.permissions import AgencyCapability, Capability
from tests.api.access.routes import api_routes
from tests.api.validating import document, resolved, templated
from tests.architecture.sources import ROOT

#: What belongs to a platform or to whoever sells there: ours to read, never to write.
_THEIRS = {"platform", "listing", "offer", "order", "stock", "feed", "marketplace", "fact"}
_WORDS_OF_WRITES = re.compile(
    r"(^|[_:/.-])(put|patch|update|submit|set|delete|cancel|feeds?|publish)([_:/.-]|$)"
)
_CALLERS = {"config.lib.http", "config.lib.transport", "config.lib.allowlist", "httpx", "requests", "socket"}


def test_every_operation_of_every_platform_is_a_read() -> None:
    """GET; or POST with the reason why it only reads, which asks for a report, an estimate or a token."""
    seen = 0
    for platform, spec in PLATFORMS.all().items():
        for operation in spec.operations.values():
            seen += 1
            where = f"{platform}: {operation.key}"
            assert operation.method in ("GET", "POST"), where
            assert operation.method == "GET" or operation.reads, where
            assert not _WORDS_OF_WRITES.search(operation.key), where
            assert not _WORDS_OF_WRITES.search(operation.path), where
    assert seen >= 19


def _imports(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_pricing_calls_nobody() -> None:
    """No module of pricing imports what could send anything, by whatever name."""
    modules = sorted((ROOT / "pricing").rglob("*.py"))
    assert len(modules) > 150
    callers = {
        str(path.relative_to(ROOT)): named
        for path in modules
        if (named := {n for n in _imports(path.read_text("utf-8")) if n in _CALLERS or n.startswith("http.")})
    }
    assert callers == {}


def test_a_caller_would_be_noticed() -> None:
    """The search sees an import however it is written."""
    assert "config.lib.http" in _imports("def f():\n    from config.lib import http")
    assert "httpx" in _imports("import httpx as web")


@pytest.mark.parametrize("rights", [Capability, AgencyCapability])
def test_nobody_may_write_to_a_platform(rights: type[Capability] | type[AgencyCapability]) -> None:
    """The access matrix has no such right to give."""
    for right in rights:
        subject, _, verb = right.value.partition(":")
        assert verb == "read" or subject not in _THEIRS, right
    assert "fact:read" in {each.value for each in Capability}


def _answers() -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema of every successful JSON answer of pricing."""
    paths = {templated(each.route) for each in api_routes() if each.view.__module__.startswith("pricing.")}
    for path in sorted(paths):
        for method, operation in document()["paths"][path].items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                content = resolved(response).get("content", {}) if status.startswith("2") else {}
                if "application/json" in content:
                    yield f"{method} {path} {status}", resolved(content["application/json"]["schema"])


def _says_boundary(schema: dict[str, Any]) -> bool:
    """Must an object say the boundary, and can it say only this one?"""
    if "boundary" not in schema.get("required", ()):
        return False
    said = schema["properties"]["boundary"]
    parts = [resolved(each) for each in said.get("allOf", [said])]
    return any(each.get("enum") == [BOUNDARY] or each.get("const") == BOUNDARY for each in parts)


def _is_bound(schema: dict[str, Any]) -> bool:
    """Does an answer say the boundary: itself or, as a page, each of its rows?"""
    rows = schema.get("properties", {}).get("data", {})
    return _says_boundary(schema) or ("items" in rows and _says_boundary(resolved(rows["items"])))


def test_every_answer_of_pricing_says_that_it_only_suggests() -> None:
    """`boundary: suggestion_only` is required, and nothing else may stand there."""
    answers = list(_answers())
    assert len(answers) > 60
    assert [where for where, schema in answers if not _is_bound(schema)] == []


def test_an_answer_without_the_boundary_would_be_noticed() -> None:
    """A row, or an answer, that may leave it out or say something else is not bound."""
    bound = {"required": ["boundary"], "properties": {"boundary": {"enum": [BOUNDARY]}}}
    assert _is_bound(bound)
    assert _is_bound({"properties": {"data": {"items": bound}}})
    assert not _is_bound({**bound, "required": []})
    assert not _is_bound({**bound, "properties": {"boundary": {"enum": [BOUNDARY, "writes"]}}})
    assert not _is_bound({"properties": {"data": {"items": {}}}})
