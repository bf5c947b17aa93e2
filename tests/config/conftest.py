"""A VAR_DIR for a test: empty, and gone afterwards with whatever was placed elsewhere for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.places import places_of


@pytest.fixture
def var_folder(tmp_path: Path) -> Iterator[Path]:
    """Not made yet. As root its servers' home is outside of it, because pytest's folders are private."""
    folder = tmp_path / "var"
    yield folder
    for place in (places_of(folder).home, places_of(folder).run.parent):
        shutil.rmtree(place, ignore_errors=True)
