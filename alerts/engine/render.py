"""A notice as a message: with the number, the target, the basis, the as-of and the link, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from alerts.engine.figures import instant_text, number_text
from alerts.engine.notices import NoticeFacts
from alerts.engine.templates import (
    BROKEN,
    COLON,
    GROUP,
    LABELS,
    NOTICE,
    SEVERITY,
    STORE_PART,
    SUBJECT,
    TEST,
    spoken,
)
from alerts.types import SEVERITIES, Message, Notice, Severity

_LONGEST_SUBJECT = 200
_LONGEST_BRIEF = 100
_MOST_EVIDENCE = 8


def render(facts: NoticeFacts, language: str) -> Message:
    """One notice in one of the four languages (English for any other)."""
    words = spoken(language)
    lines = tuple(_lines(facts, words))
    subject = subject_of(facts, words)
    link = (LABELS[words]["link"], facts.link)
    return Message(
        subject=subject,
        text=_text([*lines, link], words),
        html=_page(subject, [_table(lines), _anchor(facts.link, words)]),
        link=facts.link,
        severity=facts.severity,
        notice=facts.notice,
        alert_id=facts.alert_id,
        facts=lines,
        data=data_of(facts),
    )


def group(parts: Sequence[NoticeFacts], language: str) -> Message:
    """Several notices as one message, the most severe first; of one it is that message itself."""
    words = spoken(language)
    if len(parts) == 1:
        return render(parts[0], words)
    ordered = sorted(parts, key=lambda each: (-SEVERITIES.index(each.severity), each.alert_id, each.sequence))
    messages = [render(each, words) for each in ordered]
    first = messages[0]
    subject = GROUP[words].format(
        severity=SEVERITY[words][first.severity.value], client=_plain(ordered[0].client), count=len(parts)
    )
    return Message(
        subject=_short(subject),
        text="\n\n".join(f"{n}. {_brief(each, words)}" for n, each in enumerate(ordered, 1)),
        html=_page(
            subject,
            [
                f"<h3>{escape(each.subject)}</h3>{_table(each.facts)}{_anchor(each.link, words)}"
                for each in messages
            ],
        ),
        link=first.link,
        severity=first.severity,
        notice=first.notice,
        alert_id=first.alert_id,
        data={"notices": [dict(each.data) for each in messages]},
    )


def trial_message(*, name: str, link: str, language: str) -> Message:
    """What a channel is tried with."""
    title, text = TEST[spoken(language)]
    return _letter(title, text.format(name=_plain(name)), link, Severity.INFO)


def broken_message(*, name: str, kind: str, reason: str, count: int, link: str, language: str) -> Message:
    """What the owner of a channel reads when it broke; `count` notices wait to be replayed."""
    title, text = BROKEN[spoken(language)]
    named = _plain(name)
    body = text.format(name=named, kind=kind, reason=reason, count=count)
    return _letter(title.format(name=named), body, link, Severity.WARNING)


def subject_of(facts: NoticeFacts, words: str) -> str:
    """How severe, whose, which store, what, and what became of it; on one line."""
    store = STORE_PART[words].format(store=_plain(facts.store)) if facts.store else ""
    return _short(
        SUBJECT[words].format(
            severity=SEVERITY[words][facts.severity.value],
            client=_plain(facts.client),
            store=store,
            title=_plain(facts.title),
            notice=NOTICE[words][facts.notice.value],
        )
    )


def data_of(facts: NoticeFacts) -> dict[str, Any]:
    """What a program reads: the same in every language."""
    stored = facts.to_json()
    renamed = {"rule": stored.pop("title"), "about": stored.pop("subject")}
    # Said beside it already, or made for people.
    for name in ("alert_id", "severity", "link", "time_zone"):
        del stored[name]
    return {**renamed, **stored}


def _brief(facts: NoticeFacts, words: str) -> str:
    """A notice within a group: all that matters, short enough for several to fit into a chat's message."""
    labels = LABELS[words]
    said = [_short(_plain(facts.subject), _LONGEST_BRIEF // 2)]
    if facts.observed is not None or facts.limit is not None:
        observed, limit = (number_text(each, facts.unit, words) for each in (facts.observed, facts.limit))
        said.append(f"{observed} ({labels['limit']}{COLON[words]}{limit})")
    said.append(_short(_plain(facts.basis), _LONGEST_BRIEF))
    said.append(f"{labels['as_of']}{COLON[words]}{instant_text(facts.as_of, facts.time_zone, words)}")
    subject = _short(subject_of(facts, words), _LONGEST_BRIEF)
    return "\n".join([subject, " · ".join(part for part in said if part), facts.link])


def _lines(facts: NoticeFacts, words: str) -> Iterator[tuple[str, str]]:
    labels = LABELS[words]
    if facts.store:
        yield labels["store"], facts.store
    yield labels["subject"], facts.subject
    if facts.observed is not None or facts.limit is not None:
        yield labels["observed"], number_text(facts.observed, facts.unit, words)
        yield labels["limit"], number_text(facts.limit, facts.unit, words)
    if facts.basis:
        yield labels["basis"], facts.basis
    yield labels["as_of"], instant_text(facts.as_of, facts.time_zone, words)
    yield labels["occurred_at"], instant_text(facts.occurred_at, facts.time_zone, words)
    for name, value in list(facts.evidence.items())[:_MOST_EVIDENCE]:
        yield f"{labels['evidence']} ({name})", value


def _text(lines: Sequence[tuple[str, str]], words: str) -> str:
    return "\n".join(f"{label}{COLON[words]}{_plain(value)}" for label, value in lines)


def _table(lines: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th align=left>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in lines)
    return f"<table cellpadding=4>{rows}</table>"


def _anchor(link: str, words: str) -> str:
    return f'<p><a href="{escape(link)}">{escape(LABELS[words]["link"])}</a></p>' if link else ""


def _page(title: str, parts: Sequence[str]) -> str:
    return f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>{''.join(parts)}"


def _letter(title: str, text: str, link: str, severity: Severity) -> Message:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
    return Message(
        subject=_short(title),
        text=text,
        html=_page(title, [paragraphs]),
        link=link,
        severity=severity,
        notice=Notice.FIRED,
        alert_id=0,
        data={"is_test": True},
    )


def _plain(text: str) -> str:
    """A text on one line: what others wrote must not start a line of its own."""
    return " ".join(text.split())


def _short(text: str, most: int = _LONGEST_SUBJECT) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
