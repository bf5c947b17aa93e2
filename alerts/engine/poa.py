"""Drafts a plan of action from our own evidence, and never says more than the evidence does.

A plan has the three parts that platforms ask for: root cause, corrective actions (told in the past tense, so
only finished ones count), and how it is kept from happening again. Every paragraph names its sources; what no
evidence tells is a gap that a person has to write, and a plan with gaps cannot be signed off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson

from alerts.engine.health import WarningKind
from alerts.engine.poa_texts import CAUSES, KINDS, TEXTS


class PlanLanguage(StrEnum):
    """In what language a plan is drafted: that of the team that answers."""

    ENGLISH = "en"
    CHINESE = "zh-hans"
    JAPANESE = "ja"
    SPANISH = "es"


class Part(StrEnum):
    """The parts of a plan, in their order."""

    SUMMARY = "summary"
    ROOT_CAUSE = "root_cause"
    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence: what it is, where it can be looked up, and the hash of what was read there."""

    id: str
    what: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FigureFact:
    """A figure of ours or of the platform, in words as it is shown, with the day range it is of."""

    name: str
    value: str
    limit: str
    first: date
    last: date
    evidence: str


@dataclass(frozen=True, slots=True)
class CauseFact:
    """A cause that the checklist of causes found likely or possible."""

    cause: str
    is_likely: bool
    observations: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class ActionFact:
    """Something somebody did (`done_on`) or has promised to do (`due_on`), in the title they gave it."""

    title: str
    owner: str
    done_on: date | None
    due_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class PlanCase:
    """All that is known: the warning, and what our records tell of it. `watched` are KPIs held to a limit."""

    kind: WarningKind
    title: str
    store: str
    reference: str
    received_on: date
    deadline_at: datetime | None
    warning_evidence: str
    figures: Sequence[FigureFact] = ()
    causes: Sequence[CauseFact] = ()
    actions: Sequence[ActionFact] = ()
    watched: Sequence[FigureFact] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with the evidence behind it; a gap has none and waits for a person."""

    text: str
    evidence: tuple[str, ...] = ()
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the plan."""

    part: Part
    heading: str
    paragraphs: tuple[Paragraph, ...]


def draft_plan(case: PlanCase, language: PlanLanguage) -> tuple[Section, ...]:
    """Write the four parts of a plan in a language, from the case alone."""
    say = TEXTS[language.value]
    writers = {
        Part.SUMMARY: _summary,
        Part.ROOT_CAUSE: _root_cause,
        Part.CORRECTIVE: _corrective,
        Part.PREVENTIVE: _preventive,
    }
    return tuple(
        Section(part, say[f"heading_{part.value}"], tuple(write(case, language.value)))
        for part, write in writers.items()
    )


def gaps_of(sections: Iterable[Section]) -> tuple[str, ...]:
    """What a person still has to write, by part."""
    return tuple(
        f"{section.part.value}: {paragraph.text}"
        for section in sections
        for paragraph in section.paragraphs
        if paragraph.is_gap
    )


def sections_of(texts: Mapping[Part, str], language: PlanLanguage) -> tuple[Section, ...]:
    """A person's own text as sections, paragraph by paragraph; a part left empty is a gap."""
    say = TEXTS[language.value]
    found = []
    for part in Part:
        written = [each.strip() for each in texts.get(part, "").split("\n\n") if each.strip()]
        paragraphs = tuple(Paragraph(each, is_gap=_is_marked(each)) for each in written) or (
            _gap(say, f"gap_{part.value}"),
        )
        found.append(Section(part, say[f"heading_{part.value}"], paragraphs))
    return tuple(found)


def to_plain(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Sections in plain values, as they are stored and hashed."""
    return [
        {
            "part": section.part.value,
            "heading": section.heading,
            "paragraphs": [
                {"text": each.text, "evidence": list(each.evidence), "is_gap": each.is_gap}
                for each in section.paragraphs
            ],
        }
        for section in sections
    ]


def to_markdown(sections: Sequence[Mapping[str, Any]], evidence: Sequence[Mapping[str, Any]] = ()) -> str:
    """A stored plan as Markdown, with its evidence as numbered notes."""
    lines: list[str] = []
    for section in sections:
        lines += [f"## {section['heading']}", ""]
        for each in section["paragraphs"]:
            marks = "".join(f"[^{name}]" for name in each["evidence"])
            lines += [f"{each['text']}{' ' if marks else ''}{marks}", ""]
    lines += [
        f"[^{each['id']}]: {each['what']} ({each['source']}; SHA-256 {each['sha256']})" for each in evidence
    ]
    return "\n".join(lines).strip() + "\n"


def digest(value: Any) -> str:
    """SHA-256 over the canonical JSON (sorted keys) of plain values."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def _summary(case: PlanCase, language: str) -> list[Paragraph]:
    say = TEXTS[language]
    reference = say["reference"].format(reference=case.reference) if case.reference else ""
    first = say["summary"].format(
        day=case.received_on.isoformat(),
        store=case.store,
        kind=KINDS[language][case.kind.value],
        title=case.title,
        reference=reference,
    )
    figures = [_figure(each, say) for each in case.figures]
    return [Paragraph(first, (case.warning_evidence,)), *figures]


def _figure(each: FigureFact, say: Mapping[str, str]) -> Paragraph:
    key = "figure_limit" if each.limit else "figure"
    text = say[key].format(
        name=each.name,
        value=each.value,
        limit=each.limit,
        first=each.first.isoformat(),
        last=each.last.isoformat(),
    )
    return Paragraph(text, (each.evidence,))


def _root_cause(case: PlanCase, language: str) -> list[Paragraph]:
    say = TEXTS[language]
    found = []
    for cause in sorted(case.causes, key=lambda each: not each.is_likely):
        key = "cause_likely" if cause.is_likely else "cause_possible"
        told = say[key].format(cause=CAUSES[language].get(cause.cause, cause.cause))
        seen = say["list_separator"].join(cause.observations)
        found.append(Paragraph(told + (say["observed"].format(seen=seen) if seen else ""), (cause.evidence,)))
    # A cause that is only possible explains nothing to the platform: somebody has to say what it was.
    if not any(cause.is_likely for cause in case.causes):
        found.append(_gap(say, "gap_root_cause"))
    return found


def _corrective(case: PlanCase, language: str) -> list[Paragraph]:
    say = TEXTS[language]
    done = sorted(
        (each for each in case.actions if each.done_on is not None), key=lambda each: str(each.done_on)
    )
    found = [
        Paragraph(
            say["action_done"].format(day=each.done_on, title=each.title, owner=each.owner), (each.evidence,)
        )
        for each in done
    ]
    return found or [_gap(say, "gap_corrective")]


def _preventive(case: PlanCase, language: str) -> list[Paragraph]:
    say = TEXTS[language]
    planned = sorted((each for each in case.actions if each.done_on is None), key=lambda each: each.due_on)
    found = [
        Paragraph(
            say["action_planned"].format(day=each.due_on, title=each.title, owner=each.owner),
            (each.evidence,),
        )
        for each in planned
    ]
    if not planned:
        found.append(_gap(say, "gap_preventive"))
    found += [
        Paragraph(say["watched"].format(name=each.name, limit=each.limit), (each.evidence,))
        for each in case.watched
    ]
    return found


def _gap(say: Mapping[str, str], key: str) -> Paragraph:
    return Paragraph(say[key], is_gap=True)


def _is_marked(text: str) -> bool:
    """Did somebody leave a mark of a gap standing in their text, in whatever language?"""
    return any(
        words in text for say in TEXTS.values() for words in (say[f"gap_{part.value}"] for part in Part)
    )
