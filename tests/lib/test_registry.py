"""Registries: lazy, checked, and clear about what is missing."""

from __future__ import annotations

import pytest

from config.lib.errors import AppError, Invalid
from config.lib.registry import Registry, UnknownKey

TABLE = {
    "good": "config.lib.errors.NotFound",
    "wrong_type": "config.lib.errors.gettext_noop",
    "no_module": "config.lib.nowhere.Thing",
    "no_attribute": "config.lib.errors.Nowhere",
}
REGISTRY = Registry("example", AppError, TABLE)


def test_an_unknown_key_names_the_known_ones() -> None:
    """The message lists the table, in its order."""
    with pytest.raises(UnknownKey) as caught:
        REGISTRY.get("nope")
    assert "good, wrong_type, no_module, no_attribute" in caught.value.remedy
    assert isinstance(caught.value, Invalid)


def test_a_broken_line_breaks_only_itself() -> None:
    """Nothing is imported before it is asked for; each fault has its own error."""
    assert REGISTRY.get("good") is REGISTRY.get("good")
    with pytest.raises(TypeError, match="is no AppError"):
        REGISTRY.get("wrong_type")
    with pytest.raises(ImportError):
        REGISTRY.get("no_module")
    with pytest.raises(ImportError, match="does not exist"):
        REGISTRY.get("no_attribute")
    with pytest.raises(TypeError):
        REGISTRY.all()
    assert "good" in REGISTRY
    assert "nope" not in REGISTRY
