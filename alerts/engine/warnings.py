"""Recognises what a platform warns of, by when it wants an answer and what it refers to; says what it cannot.

Rules are phrases per platform and common ones in four languages. A rule that fits the subject counts before
one that fits the text, for texts threaten with everything at their end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.engine.deadlines import Deadline, find_deadlines
from alerts.engine.health import WarningKind
from alerts.engine.warning_phrases import COMMON, PLATFORM_PHRASES, SENDERS

_MOST = 50
_REFERENCES: Mapping[str, re.Pattern[str]] = {
    "asin": re.compile(r"\bB0[0-9A-Z]{8}\b"),
    "order": re.compile(r"\b\d{3}-\d{7}-\d{7}\b"),
    "item": re.compile(r"\bML[ABCMUV]\d{6,12}\b"),
    "case": re.compile(
        r"(?:case|caso|ケース|案件|complaint|投诉|問い合わせ)\s*(?:id|no\.?|number|番号|编号|número)?\s*"
        r"[:：#]?\s*(\d{8,14})\b",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was recognised of a warning, each with the words it was read from.

    `unrecognised` names what a person has to fill in ("kind", "deadline", "sender"), `notes` says why.
    """

    kind: WarningKind
    kind_basis: str
    deadline: Deadline | None
    other_deadlines: tuple[Deadline, ...]
    references: Mapping[str, tuple[str, ...]]
    is_known_sender: bool
    unrecognised: tuple[str, ...]
    notes: tuple[str, ...]


def recognise(
    *, platform: str, subject: str, text: str, sender: str, counted_from: datetime, time_zone: str
) -> Reading:
    """Read a warning of a platform (a connector's key); `counted_from` is when its days began to run."""
    matches = list(_matches(platform, subject, text))
    deadlines = find_deadlines(f"{subject}\n{text}", counted_from=counted_from, time_zone=time_zone)
    is_known = is_sender_of(platform, sender)
    missing, notes = [], []
    if not matches:
        missing.append("kind")
        notes.append("No phrase of this platform's warnings was found: a person has to say what it is.")
    if not deadlines:
        missing.append("deadline")
        notes.append("No deadline was found: a person has to read the original and set it.")
    elif len(deadlines) > 1:
        notes.append("More than one deadline is named: the earliest counts until a person decides.")
    if not is_known:
        missing.append("sender")
        notes.append("The sender is not an address of this platform: it may be forged, check before acting.")
    return Reading(
        kind=matches[0][0] if matches else WarningKind.OTHER,
        kind_basis=matches[0][1] if matches else "",
        deadline=deadlines[0] if deadlines else None,
        other_deadlines=tuple(deadlines[1:]),
        references=_references(f"{subject}\n{text}"),
        is_known_sender=is_known,
        unrecognised=tuple(missing),
        notes=tuple(notes),
    )


def is_sender_of(platform: str, sender: str) -> bool:
    """Does the address belong to a domain from which the platform writes?"""
    domain = sender.rpartition("@")[2].lower().rstrip(".")
    return any(domain == known or domain.endswith(f".{known}") for known in SENDERS.get(platform, ()))


def _matches(platform: str, subject: str, text: str) -> Iterator[tuple[WarningKind, str]]:
    rules = (*PLATFORM_PHRASES.get(platform, ()), *COMMON)
    for place, words in (("subject", subject), ("text", text)):
        for kind, pattern in rules:
            match = pattern.search(words)
            if match:
                yield kind, f"“{match[0][:100]}” in the {place}"


def _references(words: str) -> dict[str, tuple[str, ...]]:
    found = {
        name: tuple(dict.fromkeys(pattern.findall(words)))[:_MOST] for name, pattern in _REFERENCES.items()
    }
    return {name: values for name, values in found.items() if values}
