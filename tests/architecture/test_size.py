"""No file outgrows a reader: 450 lines at most, tests included."""

from __future__ import annotations

from tests.architecture.sources import ROOT, python_files

LIMIT = 450


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    """A file beyond the limit answers more than one question: split it."""
    lengths = {p.relative_to(ROOT): len(p.read_text("utf-8").splitlines()) for p in python_files()}
    long = {str(path): length for path, length in lengths.items() if length > LIMIT}
    assert not long


def test_base_settings_stay_on_a_few_screens() -> None:
    """What differs between machines belongs into config.env, what is the API's into settings/api.py."""
    assert len((ROOT / "config/settings/base.py").read_text("utf-8").splitlines()) <= 250
