"""Which formulas stand on which: cycles are found before they are saved, with the way round them."""

from __future__ import annotations

from collections.abc import Mapping


def find_cycle(start: str, edges: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the keys of a way from `start` back to itself, both ends named; () when there is none."""
    stack: list[tuple[str, tuple[str, ...]]] = [(start, (start,))]
    seen: set[str] = set()
    while stack:
        key, path = stack.pop()
        for below in sorted(edges.get(key, frozenset())):
            if below == start:
                return (*path, start)
            if below not in seen:
                seen.add(below)
                stack.append((below, (*path, below)))
    return ()


def in_order(edges: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the keys so that each comes after what it stands on; keys in or above a cycle are left out."""
    order: list[str] = []
    done: set[str] = set()
    waiting = dict(edges)
    while True:
        ready = sorted(key for key, below in waiting.items() if not (below & edges.keys()) - done)
        if not ready:
            return order
        order += ready
        done.update(ready)
        for key in ready:
            del waiting[key]
