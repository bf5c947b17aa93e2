"""What can end a sync, chosen by what is to be done next.

    SyncError (AppError)
    ├── SyncInterrupted     try again later with backoff: the platform does not answer well at the moment
    ├── SyncFailed          trying again cannot help; somebody has to look at it
    │   ├── LoopDetected        the platform sends the same page again and again
    │   │   └── PageRepeated        and it is the very page that was read just before
    │   ├── TooManyRejected     too many rows cannot be read; the cursor stays where it is
    │   └── StreamMisbehaved    a stream broke the protocol: a defect of ours
    └── AttentionNeeded     the connection has to be mended by a person; it is paused until then

`MustWait` is no failure: the platform needs longer than it makes sense to sleep in place.
"""

from __future__ import annotations

from typing import ClassVar

from config.lib.errors import AppError, gettext_noop


class SyncError(AppError):
    """A sync ended before it was through; everything stored until then stays."""

    code = "sync_error"
    title = gettext_noop("The synchronisation did not finish")
    status = 502


class SyncInterrupted(SyncError):
    """The platform cannot answer now; the job goes on from its cursor after a pause."""

    code = "sync_interrupted"
    title = gettext_noop("The platform does not answer at the moment")
    status = 503
    default_remedy = gettext_noop("Nothing to do: the synchronisation goes on by itself.")


class SyncFailed(SyncError):
    """The platform refused for good, or its answer cannot be used. `reason` is the stable code of why."""

    code = "sync_failed"
    title = gettext_noop("The synchronisation failed")
    permanent = True
    default_reason: ClassVar[str] = "sync_failed"

    def __init__(self, detail: str = "", *, reason: str = "", remedy: str = "") -> None:
        self.reason = reason or self.default_reason
        super().__init__(detail, remedy=remedy)


class LoopDetected(SyncFailed):
    """The platform keeps sending the same page; going on would never end."""

    code = "sync_loop"
    title = gettext_noop("The platform repeats the same page")
    default_reason = "sync_loop"


class PageRepeated(LoopDetected):
    """The next page is the last one once more, token and all: a platform that does not read its own tokens.

    The runner ends the run in doubt instead (`Page.doubt`), if there was anything to read.
    """


class TooManyRejected(SyncFailed):
    """More rows than can be tolerated could not be understood; the rejected rows are kept with reasons."""

    code = "too_many_rejected"
    title = gettext_noop("Too many rows could not be understood")
    default_reason = "too_many_rejected"
    default_remedy = gettext_noop("See the rejected rows of the run; the stream goes on from the same place.")


class StreamMisbehaved(SyncFailed):
    """A stream asked for an operation that its platform does not list, or yielded something unknown."""

    code = "stream_misbehaved"
    title = gettext_noop("The connector broke its own rules")
    default_reason = "stream_misbehaved"


class AttentionNeeded(SyncError):
    """The connection cannot work until a person mends it.

    `reason` is the classifier's stable code. `is_credential` tells a dead credential, with which nothing
    works, from one refused operation.
    """

    code = "attention_needed"
    title = gettext_noop("The connection needs attention")
    permanent = True
    default_remedy = gettext_noop("Renew the authorisation and store the new credential on the connection.")

    def __init__(
        self, detail: str = "", *, reason: str = "attention_needed", is_credential: bool = True
    ) -> None:
        self.reason = reason
        self.is_credential = is_credential
        super().__init__(detail)


class MustWait(Exception):
    """Come back in `seconds`; `why` is for the progress shown to a person."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds = seconds
        self.why = why
        super().__init__(f"{why}: {seconds:.0f} s")


def problem_of(error: AppError) -> dict[str, str]:
    """Return what is kept and shown of an error: code, message and remedy, never more."""
    return {
        "code": str(getattr(error, "reason", error.code)),
        "title": error.title,
        "detail": error.detail,
        "remedy": error.remedy,
    }
