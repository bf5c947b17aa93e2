"""Can no cell of an exported file start a formula in a spreadsheet?"""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.csv_files import safe_cell, to_csv


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|' /C calc'!A0"]
)
def test_active_text_is_made_harmless(text: str) -> None:
    """An apostrophe leads it."""
    assert safe_cell(text) == f"'{text}"


@given(st.lists(st.text(max_size=20), min_size=2, max_size=4))
def test_no_cell_is_ever_active_and_rows_stay_rows(cells: list[str]) -> None:
    """Whatever stands in it; read again the file has the same cells, but for the apostrophe."""
    content = to_csv([f"c{n}" for n in range(len(cells))], [cells])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    for before, after in zip(cells, rows[1], strict=True):
        assert not after.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert after.removeprefix("'") == before.replace("\x00", "").removeprefix("'")
