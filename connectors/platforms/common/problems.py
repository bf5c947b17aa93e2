"""What can go wrong while a platform's answers are read: named errors, each saying whether to try again."""

from __future__ import annotations

from collections.abc import Iterable

from config.lib.errors import gettext_noop
from connectors.engine.errors import LoopDetected, PageRepeated, SyncFailed, SyncInterrupted


class PaginationLoop(LoopDetected):
    """The platform handed out a page token it had handed out before; following it would never end."""

    code = "pagination_loop"
    title = gettext_noop("The platform repeats a page token")
    default_reason = "pagination_loop"


class AnswerRepeated(PaginationLoop, PageRepeated):
    """The whole answer is the one before it, although its page token was sent: tokens mean nothing there."""


class AnswerUnreadable(SyncInterrupted):
    """An answer is no JSON, or not of the documented shape; a broken transmission looks like this too."""

    code = "answer_unreadable"
    title = gettext_noop("The platform's answer cannot be read")


class DocumentDamaged(SyncInterrupted):
    """A report document is truncated, or its checksum is wrong; it is downloaded again."""

    code = "document_damaged"
    title = gettext_noop("A report document arrived damaged")


class DocumentUnreadable(SyncFailed):
    """A report document is complete but cannot be understood: unknown encoding, too large, not a table."""

    code = "document_unreadable"
    title = gettext_noop("A report document cannot be understood")
    default_reason = "document_unreadable"


class ColumnsMissing(SyncFailed):
    """A report lacks columns without which its rows mean nothing; nothing is filled with zeros instead."""

    code = "columns_missing"
    title = gettext_noop("A report lacks required columns")
    default_reason = "columns_missing"
    default_remedy = gettext_noop("The platform changed its report; the connector has to be adapted.")

    def __init__(self, report: str, missing: Iterable[str]) -> None:
        names = ", ".join(sorted(missing))
        super().__init__(f"{report} has no column {names}")


class ReportFailed(SyncInterrupted):
    """The platform gave a report up (FATAL); the message is the platform's own reason where it gave one."""

    code = "report_failed"
    title = gettext_noop("The platform could not make the report")


class ReportStuck(SyncInterrupted):
    """A report is not ready after the longest time we wait for one; its id is dropped."""

    code = "report_stuck"
    title = gettext_noop("The platform does not finish a report")


class SkippedUnexpectedly(SyncFailed):
    """A call was skipped (for instance 404) where the stream cannot do without its answer."""

    code = "answer_skipped"
    title = gettext_noop("The platform does not know what the connector asked for")
    default_reason = "answer_skipped"


class ProfileMissing(SyncFailed):
    """The advertising profile of the connection is not among those the authorisation opens."""

    code = "profile_missing"
    title = gettext_noop("The advertising profile is not open to this authorisation")
    default_reason = "profile_missing"
    default_remedy = gettext_noop("Check the profile id of the connection.")


class AccountIncomplete(SyncFailed):
    """The connection lacks a public account id that a call needs."""

    code = "account_incomplete"
    title = gettext_noop("The connection lacks an account id")
    default_reason = "account_incomplete"
    default_remedy = gettext_noop("Add the missing id to the connection's account.")
