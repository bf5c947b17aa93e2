"""What an OpenAPI document promises, as lines of text, and which promises another document would break.

Within a version the API only grows. A promise is a line:

    + list_clients: GET /api/v1/clients        what is there has to stay,
    + Client.name: string                      with its name and type,
    + Client always name                       and in every answer;
    + Role sent = analyst                      a value that was accepted is accepted;
    ! ClientInputRequest sent needs slug       nothing may be demanded that was not.

Values of an enumeration that are only answered may grow: clients are told to expect new ones. Limits such as
maxLength are not compared. Types are compared as they are written, so that a change that only widens what is
accepted is reported too: somebody has to look at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch")


def promises(document: Node) -> list[str]:
    """Every promise of a document, sorted."""
    return sorted(set(_Reader(document).read()))


def broken(promised: list[str], present: list[str]) -> list[str]:
    """The promises that the present document does not keep, and the demands it makes of old callers."""
    old, new = set(promised), set(present)
    known = {line[2:].partition(": ")[0] for line in old if line.startswith("+ ")}
    gone = [f"gone: {line[2:]}" for line in old - new if line.startswith("+ ")]
    demands = [line[2:] for line in new - old if line.startswith("! ")]
    return sorted(gone) + sorted(
        f"newly demanded: {line}" for line in demands if line.partition(" needs ")[0] in known
    )


class _Reader:
    """Walks a document; every component once for answers and once for requests."""

    def __init__(self, document: Node) -> None:
        self.document = document
        self.seen: set[tuple[str, bool]] = set()

    def read(self) -> Iterator[str]:
        for path, methods in self.document["paths"].items():
            for method in _METHODS:
                if method in methods:
                    yield from self._operation(f"{method.upper()} {path}", methods[method])

    def _operation(self, place: str, operation: Node) -> Iterator[str]:
        name = operation["operationId"]
        yield f"+ {name}: {place}"
        for scheme in operation.get("security", ()):
            yield f"+ {name} accepts: {' '.join(scheme)}"
        for parameter in map(self._resolved, operation.get("parameters", ())):
            label = f"{parameter['in']} {parameter['name']}"
            if parameter.get("required"):
                yield f"! {name} needs {label}"
            yield from self._schema(f"{name} {label}", parameter["schema"], sent=True)
        body = self._resolved(operation.get("requestBody", {}))
        if body.get("required"):
            yield f"! {name} needs body"
        yield from self._contents(f"{name} body", body, sent=True)
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                yield f"+ {name} answers: {status}"
                yield from self._contents(f"{name} {status}", self._resolved(answer), sent=False)

    def _contents(self, key: str, node: Node, *, sent: bool) -> Iterator[str]:
        for media, content in node.get("content", {}).items():
            yield from self._schema(f"{key} {media}", content.get("schema", {}), sent=sent)

    def _schema(self, key: str, node: Node, *, sent: bool) -> Iterator[str]:
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            yield f"+ {key}: {name}"
            if (name, sent) not in self.seen:
                self.seen.add((name, sent))
                yield from self._schema(f"{name} sent" if sent else name, self._resolved(node), sent=sent)
            return
        yield f"+ {key}: {_type(node)}"
        if sent:
            yield from (f"+ {key} = {value}" for value in node.get("enum", ()))
        for name in node.get("required", ()):
            yield f"! {key} needs {name}" if sent else f"+ {key} always {name}"
        for name, each in node.get("properties", {}).items():
            yield from self._schema(f"{key}.{name}", each, sent=sent)
        for suffix, each in _inner(node):
            yield from self._schema(key + suffix, each, sent=sent)

    def _resolved(self, node: Node) -> Node:
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node


def _type(node: Node) -> str:
    kind = node.get("type", "any")
    text = " or ".join(sorted(kind)) if isinstance(kind, list) else str(kind)
    return f"{text} ({node['format']})" if "format" in node else text


def _inner(node: Node) -> Iterator[tuple[str, Node]]:
    """Schemas within a schema that are no properties, with what they add to its name."""
    for keyword, suffix in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(keyword), dict):
            yield suffix, node[keyword]
    for keyword in ("allOf", "oneOf", "anyOf"):
        for number, each in enumerate(node.get(keyword, ()), 1):
            yield f"|{number}", each
