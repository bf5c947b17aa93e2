"""Why a file cannot be taken at all, apart from single cells that are wrong."""

from __future__ import annotations

from config.lib.errors import FieldError, Invalid, gettext_noop


class TableUnreadable(Invalid):
    """The file holds no table we can read: another format than it claims, damaged, dangerous, no columns."""

    code = "table_unreadable"
    title = gettext_noop("The file holds no readable table")


def unreadable(code: str, detail: str) -> TableUnreadable:
    """Make the refusal of a whole file; `code` is stable, `detail` says what is wrong in words."""
    return TableUnreadable(detail, errors=[FieldError("", detail, code)])
