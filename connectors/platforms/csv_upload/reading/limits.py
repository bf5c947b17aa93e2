"""How large a file may be, packed and unpacked: whoever hands one in cannot fill the memory of a worker."""

from __future__ import annotations

from config.lib.errors import PayloadTooLarge

MAX_BYTES = 10 * 2**20
MAX_UNPACKED_BYTES = 100 * 2**20
# Sheets are some ten times as large unpacked; a bomb is a thousand times.
MAX_RATIO = 200
MAX_PARTS = 1000
MAX_ROWS = 100_000
MAX_COLUMNS = 512
MAX_CELL = 32_767
HEADER_ROWS = 20


def check_size(content: bytes) -> None:
    """Refuse a file of more than `MAX_BYTES`."""
    if len(content) > MAX_BYTES:
        raise PayloadTooLarge(f"A file has at most {MAX_BYTES // 2**20} MB.")


def check_row(number: int, width: int) -> None:
    """Refuse a table that is longer or wider than anybody's."""
    if number > MAX_ROWS + HEADER_ROWS:
        raise PayloadTooLarge(f"A file has at most {MAX_ROWS} rows.", remedy="Split it by days.")
    if width > MAX_COLUMNS:
        raise PayloadTooLarge(f"A file has at most {MAX_COLUMNS} columns.")
