"""How many rows may be unreadable, and when an empty answer is suspicious: a page's two doubts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

MAX_REJECTED_SHARE = Decimal("0.02")
MIN_REJECTED_ROWS = 5
HISTORY_RUNS = 10
# Where fewer than five rows come on average, none at all is ordinary (a Poisson count of mean five is zero
# once in 150 times).
MIN_EXPECTED_ROWS = 5
CONFIRM_EMPTY_AFTER = timedelta(minutes=15)


def rejects_too_many(*, rows_read: int, rows_rejected: int) -> bool:
    """Tell whether more than 2 % of a run's rows (and at least five) could not be understood.

    `rows_read` counts the rejected rows too.
    """
    return rows_rejected >= MIN_REJECTED_ROWS and rows_rejected > rows_read * MAX_REJECTED_SHARE


def expects_rows(
    *, rows_in_this_run: int, pages_in_this_run: int, rows_of_former_runs: Sequence[int]
) -> bool:
    """Tell whether history says that an answer should hold rows.

    `rows_of_former_runs` are the row counts of the latest finished runs of the stream. Rows are expected
    where five or more came on average: per page of this run, or per former run with at least half of those
    runs having had any.
    """
    if rows_in_this_run >= MIN_EXPECTED_ROWS * max(pages_in_this_run, 1):
        return True
    runs = len(rows_of_former_runs)
    with_rows = sum(1 for rows in rows_of_former_runs if rows > 0)
    return runs > 0 and with_rows * 2 >= runs and sum(rows_of_former_runs) >= MIN_EXPECTED_ROWS * runs
