"""Plans drafted from evidence: nothing invented, everything cited, what is missing left to people."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine.health import WarningKind
from alerts.engine.poa import (
    ActionFact,
    CauseFact,
    FigureFact,
    Part,
    PlanCase,
    PlanLanguage,
    draft_plan,
    gaps_of,
    sections_of,
    to_markdown,
    to_plain,
)
from alerts.engine.poa_texts import CAUSES, KINDS, TEXTS
from alerts.models import HealthWarning
from alerts.services.health_watch import watch_performance
from config.lib import clock
from connectors.facts.service import Performance
from kpis.services.rollup import recompute_days
from pricing.models import PriceHalt
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.alerts.health.conftest import NOW

DAY = date(2026, 11, 20)
FIGURE = FigureFact("Late shipment rate", "6.10 %", "< 4.00 %", date(2026, 11, 10), date(2026, 11, 19), "e2")
LIKELY = CauseFact("logistics", True, ("late_shipment_rate 0.02 → 0.06",), "e3")
DONE = ActionFact("Moved 14 SKUs", "Li Na", date(2026, 11, 18), DAY, "e4")
PLANNED = ActionFact("Train a packer", "Wang", None, date(2026, 12, 1), "e5")
_PLACEHOLDER = re.compile(r"\{\w+\}")


def case(**values: Any) -> PlanCase:
    """A case of late shipments."""
    plain = {"kind": WarningKind.LATE_SHIPMENT, "title": "Late", "store": "Harbor", "reference": ""}
    return PlanCase(**{**plain, "received_on": DAY, "deadline_at": None, "warning_evidence": "e1", **values})


@pytest.mark.parametrize("language", list(PlanLanguage))
def test_a_full_case_has_no_gap_and_an_empty_one_three(language: PlanLanguage) -> None:
    """With a likely cause, a finished and a promised action nothing is missing; without, three parts are."""
    full = draft_plan(
        case(figures=[FIGURE], causes=[LIKELY], actions=[PLANNED, DONE], watched=[FIGURE]), language
    )
    assert gaps_of(full) == ()
    assert [section.part for section in full] == list(Part)
    assert all(paragraph.evidence for section in full for paragraph in section.paragraphs)
    parts = {section.part: [each.evidence for each in section.paragraphs] for section in full}
    assert parts[Part.CORRECTIVE] == [("e4",)]
    assert parts[Part.PREVENTIVE] == [("e5",), ("e2",)]
    empty = draft_plan(case(), language)
    assert [gap.split(":")[0] for gap in gaps_of(empty)] == ["root_cause", "corrective", "preventive"]


def test_a_cause_that_is_only_possible_still_leaves_the_root_cause_to_a_person() -> None:
    """A guess is told as possible, and the gap stays."""
    found = draft_plan(case(causes=[CauseFact("stock_out", False, (), "e3")]), PlanLanguage.ENGLISH)
    texts = [each.text for each in found[1].paragraphs]
    assert texts[0] == "Our records also point to a possible cause: stock ran out."
    assert texts[1].startswith("[TO BE WRITTEN: the root cause")


@settings(max_examples=60, deadline=None)
@given(
    language=st.sampled_from(PlanLanguage),
    figures=st.lists(st.just(FIGURE), max_size=2),
    causes=st.lists(st.sampled_from([LIKELY, CauseFact("refunds", False, (), "e3")]), max_size=2),
    actions=st.lists(st.sampled_from([DONE, PLANNED]), max_size=3),
)
def test_no_number_comes_from_nowhere(
    language: PlanLanguage, figures: list[Any], causes: list[Any], actions: list[Any]
) -> None:
    """Every number of every draft stands in the case, no placeholder is left, and only gaps lack evidence."""
    given_case = case(figures=figures, causes=causes, actions=actions, watched=figures)
    known = set(re.findall(r"\d+(?:\.\d+)?", repr(given_case) + " ".join(
        f"{day:%Y-%m-%d}" for day in (DAY, FIGURE.first, FIGURE.last, DONE.done_on or DAY, PLANNED.due_on)
    )))  # fmt: skip
    for section in draft_plan(given_case, language):
        for paragraph in section.paragraphs:
            assert set(re.findall(r"\d+(?:\.\d+)?", paragraph.text)) <= known
            assert not _PLACEHOLDER.search(paragraph.text)
            assert bool(paragraph.evidence) is not paragraph.is_gap


def test_a_persons_text_may_not_keep_a_gaps_mark() -> None:
    """A part left out, and a mark copied over in another language, are gaps; paragraphs are kept."""
    texts = {
        Part.SUMMARY: "One.\n\nTwo.",
        Part.CORRECTIVE: TEXTS["ja"]["gap_corrective"],
        Part.PREVENTIVE: "Done.",
    }
    found = sections_of(texts, PlanLanguage.ENGLISH)
    assert [each.text for each in found[0].paragraphs] == ["One.", "Two."]
    assert [gap.split(":")[0] for gap in gaps_of(found)] == ["root_cause", "corrective"]
    assert to_markdown(to_plain(found)).startswith("## Summary\n\nOne.\n\nTwo.\n")


def test_the_languages_say_the_same_things() -> None:
    """Every language has every text with the same placeholders, every kind, and the same causes."""
    for say in TEXTS.values():
        assert set(say) == set(TEXTS["en"])
        for key, text in say.items():
            assert set(_PLACEHOLDER.findall(text)) == set(_PLACEHOLDER.findall(TEXTS["en"][key])), key
    assert all(set(kinds) == set(WarningKind) for kinds in KINDS.values())
    assert len({frozenset(causes) for causes in CAUSES.values()}) == 1


def report(store: int, on: date, late: str, status: str) -> None:
    """What the platform reported on a day."""
    same = {
        "store_id": store, "scope": "", "reported_on": on, "window_start_on": on, "window_end_on": on,
        "target": None, "target_condition": "", "run_id": 1, "source_updated_at": NOW, "ingested_at": NOW,
    }  # fmt: skip
    for metric, rate, count, word in (
        ("late_shipment_rate", Decimal(late), 1000, ""),
        ("account_status", None, None, status),
    ):
        Performance.objects.create(
            metric=metric, rate=rate, numerator=None, denominator=count, status=word, **same
        )
    recompute_days(days=[(store, on)])


@pytest.mark.django_db
def test_figures_open_grow_and_lapse(shop: int, acme: ClientRef) -> None:
    """Close: a warning. Beyond: the same one, graver, and a freeze. Fine after it was settled: room anew."""
    days = [date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
    with use_tenant(acme):
        report(shop, days[0], "0.036", "NORMAL")
        (opened,) = watch_performance()
        row = HealthWarning.objects.get(pk=opened)
        assert (row.kind, row.severity, row.source) == ("late_shipment", "warning", "report")
        assert not PriceHalt.objects.exists()
        assert watch_performance() == []
        with clock.frozen(NOW.replace(day=21)):
            report(shop, days[1], "0.061", "AT_RISK")
            (other,) = watch_performance()
            assert HealthWarning.objects.get(pk=other).kind == "account_at_risk"
            row.refresh_from_db()
            assert row.fields["is_over"] is True
            assert row.severity == "critical"
            assert PriceHalt.objects.count() == 1
        with clock.frozen(NOW.replace(day=22)):
            report(shop, days[2], "0.010", "NORMAL")
            assert watch_performance() == []
            assert not HealthWarning.objects.filter(lapsed_at__isnull=False).exists()
            HealthWarning.objects.update(state="accepted")
            watch_performance()
            assert HealthWarning.objects.filter(lapsed_at__isnull=False).count() == 2
        with clock.frozen(NOW.replace(day=23)):
            report(shop, days[3], "0.050", "NORMAL")
            assert len(watch_performance()) == 1
