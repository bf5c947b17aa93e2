"""The life of an incident and the kinds of its evidence; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    IN_WORK = "in_work"
    RESOLVED = "resolved"


class EvidenceKind(StrEnum):
    """What a file shows."""

    SCREENSHOT = "screenshot"
    EXPORT = "export"
    DIAGNOSTICS = "diagnostics"


INCIDENT_STEPS: Mapping[IncidentState, frozenset[IncidentState]] = {
    IncidentState.OPEN: frozenset({IncidentState.IN_WORK, IncidentState.RESOLVED}),
    IncidentState.IN_WORK: frozenset({IncidentState.RESOLVED}),
    IncidentState.RESOLVED: frozenset({IncidentState.IN_WORK}),
}
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"%PDF-", "application/pdf"),
)


def may_step(present: IncidentState, to: IncidentState) -> bool:
    """Is this step allowed?"""
    return to in INCIDENT_STEPS[present]


def media_type_of(data: bytes) -> str | None:
    """What a file is by its first bytes: PNG, JPEG, WebP, PDF or UTF-8 text; None for anything else."""
    for start, media_type in _SIGNATURES:
        if data.startswith(start):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    try:
        return "text/plain" if data and b"\x00" not in data and data.decode() is not None else None
    except UnicodeDecodeError:
        return None
