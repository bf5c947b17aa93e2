"""Messages: every language says the same, numbers and days as its readers write them, nothing slips in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D
from html.parser import HTMLParser
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine import templates
from alerts.engine.figures import instant_text, number_text
from alerts.engine.notices import NoticeFacts
from alerts.engine.render import broken_message, group, render, trial_message
from alerts.engine.templates import LANGUAGES, spoken
from alerts.types import Notice, Severity

FACTS = NoticeFacts(
    alert_id=7,
    notice=Notice.FIRED,
    sequence=3,
    severity=Severity.CRITICAL,
    title="ACoS",
    subject="kpi:acos",
    client="Acme",
    store="Tokyo",
    observed=D("0.4123"),
    limit=D("0.25"),
    unit="fraction",
    basis="7 days",
    as_of=datetime(2026, 11, 20, 16, 30, tzinfo=UTC),
    occurred_at=datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
    time_zone="Asia/Tokyo",
    link="https://agency.example/alerts/7",
    evidence={"orders": "12"},
)


def test_every_language_has_every_word_with_the_same_blanks() -> None:
    """A missing key or a blank lost in translation would be found by the first reader only."""
    for name in ("SEVERITY", "NOTICE", "LABELS", "UNITS"):
        tables = getattr(templates, name)
        assert set(tables) == set(LANGUAGES)
        assert len({frozenset(tables[language]) for language in LANGUAGES}) == 1
    assert set(templates.SEVERITY["en"]) == {each.value for each in Severity}
    assert set(templates.NOTICE["en"]) == {each.value for each in Notice}
    for name in ("SUBJECT", "STORE_PART", "GROUP", "TEST", "BROKEN", "COLON"):
        texts = getattr(templates, name)
        assert set(texts) == set(LANGUAGES)
        assert len({blanks(texts[language]) for language in LANGUAGES}) == 1, name


def blanks(text: Any) -> frozenset[str]:
    """The names of what is filled in."""
    joined = text if isinstance(text, str) else "".join(text)
    return frozenset(name for _, name, _, _ in Formatter().parse(joined) if name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", list(Notice))
def test_a_message_says_number_target_basis_as_of_and_link(language: str, notice: Notice) -> None:
    """In text and HTML, for every notice; the day is that of the store."""
    message = render(replace(FACTS, notice=notice), language)
    for part in ("41.23", "25", "7 days", "2026", "12", "UTC+09:00"):
        assert part in message.text
        assert part in message.html
    assert "https://agency.example/alerts/7" in message.text
    assert 'href="https://agency.example/alerts/7"' in message.html
    # 16:30 UTC is half past one on the next day in Tokyo.
    assert "21" in instant_text(FACTS.as_of, "Asia/Tokyo", language)
    assert templates.NOTICE[language][notice.value] in message.subject
    assert templates.SEVERITY[language]["critical"] in message.subject
    assert message.data["observed"] == "0.4123"


@pytest.mark.parametrize(
    ("number", "unit", "texts"),
    [
        (D("1234.5"), "USD", ("US$1,234.50", "$1,234.50", "$1,234.50", "USD1,234.50")),
        (D("1234.5"), "JPY", ("JP¥1,235", "¥1,235", "￥1,235", "JPY1,235")),
        (D("1234.5"), "MXN", ("MX$1,234.50", "MX$1,234.50", "MX$1,234.50", "$1,234.50")),
        (D("0.4123"), "fraction", ("41.23%", "41.23%", "41.23%", "41.23\xa0%")),
        (D("1"), "days", ("1 天", "1 day", "1 日", "1 día")),
        (D("2.50"), "days", ("2.5 天", "2.5 days", "2.5 日", "2.5 días")),
        (D("3"), "hours", ("3 小时", "3 hours", "3 時間", "3 horas")),
        (D("12345"), "count", ("12,345",) * 4),
        (D("-0.5"), "multiple", ("-0.5",) * 4),
        (None, "USD", ("–",) * 4),
    ],
)
def test_numbers_as_readers_write_them(number: D | None, unit: str, texts: tuple[str, ...]) -> None:
    """Money with its currency's places, shares in percent, days and hours in words."""
    assert tuple(number_text(number, unit, language) for language in LANGUAGES) == texts


def test_a_group_names_each_and_starts_with_the_worst() -> None:
    """Of one it is that message; of several each is there, numbered, the critical first."""
    assert group([FACTS], "en") == render(FACTS, "en")
    mild = replace(FACTS, alert_id=1, severity=Severity.INFO, title="Stock")
    message = group([mild, FACTS, replace(mild, alert_id=2)], "es")
    assert message.subject == "[Crítico] Acme: 3 avisos"
    assert message.severity is Severity.CRITICAL
    assert [message.text.index(f"{n}. [") for n in (1, 2, 3)] == sorted(
        message.text.index(f"{n}. [") for n in (1, 2, 3)
    )
    assert message.text.index("ACoS") < message.text.index("Stock")
    assert len(message.data["notices"]) == 3


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-hans", "zh-Hans"), ("zh", "zh-Hans"), ("ja-JP", "ja"), ("es_MX", "es"), ("fr", "en"), ("", "en")],
)
def test_locales_lead_to_one_of_the_four(locale: str, language: str) -> None:
    """Whatever a person has set, they are written to in a language we have."""
    assert spoken(locale) == language


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name) for name, _ in attrs] or [(tag, "")]


_ODD = st.text(
    st.sampled_from("<>&\"'\r\n\t\x00 aA:/{}%=") | st.characters(exclude_categories=["Cs"]), max_size=40
)


@settings(max_examples=25, deadline=None)
@given(_ODD, _ODD, _ODD, _ODD, st.sampled_from(LANGUAGES))
def test_what_others_wrote_stays_a_text(
    title: str, subject: str, basis: str, store: str, language: str
) -> None:
    """No tag, attribute or line of its own comes from a title, a subject, a basis or a store's name."""
    odd = replace(FACTS, title=title, subject=subject, basis=basis or "x", store=store or "x")
    message = render(odd, language)
    plain = render(replace(FACTS, basis="x", store="x"), language)
    seen, wanted = Tags(), Tags()
    seen.feed(message.html)
    wanted.feed(plain.html)
    assert seen.found == wanted.found
    assert len(message.text.splitlines()) == len(plain.text.splitlines())
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert len(message.subject) <= 200


@settings(max_examples=25, deadline=None)
@given(
    st.none() | st.decimals(-(10**12), 10**12, places=6),
    st.sampled_from(list(Notice)),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_facts_survive_being_stored(number: D | None, notice: Notice, at: datetime | None) -> None:
    """What is read back renders the same, and numbers are texts without exponent for programs."""
    facts = replace(FACTS, observed=number, notice=notice, as_of=at)
    stored = facts.to_json()
    assert NoticeFacts.from_json(stored) == facts
    assert number is None or re.fullmatch(r"-?\d+(\.\d+)?", stored["observed"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_of_the_product(language: str) -> None:
    """A trial names the channel; a breakdown also its reason and how much waits."""
    assert "Team" in trial_message(name="Team", link="", language=language).text
    told = broken_message(name="Team", kind="slack", reason="410 <b>", count=4, link="", language=language)
    assert "Team" in told.subject
    for part in ("slack", "410 <b>", "4"):
        assert part in told.text
    assert "<b>" not in told.html
