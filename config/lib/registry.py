"""How extensions are found: an explicit table of dotted paths, imported on first use and type-checked."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Generic, TypeVar, cast

from config.lib.errors import Invalid, gettext_noop

T = TypeVar("T")


class UnknownKey(Invalid):
    """A key that is in no line of the table; the message names the known ones."""

    code = "unknown_key"
    title = gettext_noop("There is no such key")


class Registry(Generic[T]):
    """A table from keys to dotted paths of `base_type` instances (or subclasses), e.g. PLATFORMS.

    Nothing is imported before it is asked for, so a broken extension breaks only itself; `all()` imports
    everything and is what the start-up check calls.
    """

    def __init__(self, name: str, base_type: type[T], table: Mapping[str, str]) -> None:
        self.name = name
        self.base_type = base_type
        self._paths = dict(table)
        self._loaded: dict[str, T] = {}

    def get(self, key: str) -> T:
        """Return the extension named `key`.

        Raises `UnknownKey` if the table has no such line, `ImportError` if its path does not lead anywhere
        and `TypeError` if it leads to something else than a `base_type`.
        """
        if key in self._loaded:
            return self._loaded[key]
        if key not in self._paths:
            known = ", ".join(self.keys()) or "none"
            raise UnknownKey(f"there is no {self.name} {key!r}", remedy=f"Known: {known}.")
        self._loaded[key] = self._load(key)
        return self._loaded[key]

    def _load(self, key: str) -> T:
        path = self._paths[key]
        module_name, _, attribute = path.rpartition(".")
        try:
            value = getattr(importlib.import_module(module_name), attribute)
        except (AttributeError, ValueError) as error:
            raise ImportError(f"{self.name} {key!r}: {path} does not exist") from error
        is_instance = isinstance(value, self.base_type)
        if not is_instance and not (isinstance(value, type) and issubclass(value, self.base_type)):
            raise TypeError(f"{self.name} {key!r}: {path} is no {self.base_type.__name__} but {value!r}")
        return cast(T, value)

    def keys(self) -> tuple[str, ...]:
        """Return the known keys in the order of the table."""
        return tuple(self._paths)

    def all(self) -> dict[str, T]:
        """Import every extension and return them by key, in the order of the table."""
        return {key: self.get(key) for key in self._paths}

    def __contains__(self, key: object) -> bool:
        return key in self._paths
