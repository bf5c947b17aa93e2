"""What changed between two versions of a rule set, by place: rules are compared by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pricing.rules.faults import pointer


@dataclass(frozen=True, slots=True)
class Difference:
    """A place that differs: `kind` is added, removed, changed or moved (a rule asked earlier or later)."""

    pointer: str
    kind: str
    before: Any
    after: Any


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return every difference of two documents of rule sets, in the order of the places."""
    found = list(_members("", _keyed(before), _keyed(after)))
    order = [[rule["key"] for rule in document["rules"]] for document in (before, after)]
    shared = [[key for key in keys if key in order[0] and key in order[1]] for keys in order]
    if shared[0] != shared[1]:
        found.append(Difference("/rules", "moved", order[0], order[1]))
    return sorted(found, key=lambda each: each.pointer)


def _keyed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "rules": {rule["key"]: rule for rule in document["rules"]}}


def _members(at: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        place = pointer(at, name)
        if name not in after:
            yield Difference(place, "removed", before[name], None)
        elif name not in before:
            yield Difference(place, "added", None, after[name])
        elif isinstance(before[name], Mapping) and isinstance(after[name], Mapping):
            yield from _members(place, before[name], after[name])
        elif before[name] != after[name]:
            yield Difference(place, "changed", before[name], after[name])
