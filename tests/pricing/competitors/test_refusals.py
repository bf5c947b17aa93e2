"""What is refused is found in four languages and however it is written; plain business is not."""

from __future__ import annotations

import pytest

from pricing.rules.refusal_texts import POLICIES
from pricing.rules.refusals import LANGUAGES, TOPICS, Refused, find_refusal, require_lawful, spoken_as

ASKED: list[tuple[str, str]] = [
    ("能不能走灰清，便宜一点", "customs_evasion"),
    ("双清包税报价", "customs_evasion"),
    ("use grey customs for this batch", "customs_evasion"),
    ("Gray-Clearance please", "customs_evasion"),
    ("グレー通関で安く", "customs_evasion"),
    ("pasarlo por contrabando", "customs_evasion"),
    ("海关低报货值 30%", "under_declaration"),
    ("please under-declare the invoice", "under_declaration"),
    ("アンダーバリューで申告", "under_declaration"),
    ("hay que subfacturar", "under_declaration"),
    ("这个链接安排刷单", "fake_reviews"),
    ("刷 单 一百个", "fake_reviews"),
    ("刷\u200b评", "fake_reviews"),
    ("刷．评", "fake_reviews"),
    ("buy reviews for the tent", "fake_reviews"),
    ("ＦＡＫＥ ＲＥＶＩＥＷＳ", "fake_reviews"),
    ("サクラレビューを頼む", "fake_reviews"),
    ("comprar reseñas", "fake_reviews"),
    ("限制转售价格", "resale_price"),
    ("force resellers to keep 30 USD", "resale_price"),
    ("再販売価格の拘束をしたい", "resale_price"),
    ("fijar el precio de reventa", "resale_price"),
    ("和同行串通涨价", "price_collusion"),
    ("agree prices with competitors first", "price_collusion"),
    ("価格カルテルを結ぶ", "price_collusion"),
    ("acordar precios con la competencia", "price_collusion"),
    ("大促前先涨后降", "fake_discount"),
    ("raise the price before the discount", "fake_discount"),
    ("不当な二重価格で見せる", "fake_discount"),
    ("subir el precio antes del descuento", "fake_discount"),
]

PLAIN = [
    "",
    "Lower the price by 3 %, the competitor is cheaper.",
    "清关单据已到，关税 6.5%",
    "竞品低报价，跟进 2%",
    "Teeth brushing set, refill pack",
    "申报价值按采购发票",
    "Reviews are falling, answer the questions first.",
    "通関手数料を原価に入れる",
    "El precio de reventa sugerido es 300",
    "reprice after the review of the meeting",
    "刷子 2 件装",
    "order 12 brushes",
]


@pytest.mark.parametrize(("text", "code"), ASKED)
def test_what_is_asked_is_refused_in_every_language(text: str, code: str) -> None:
    """By topic, whatever the spelling, answered in each language with a way that is lawful."""
    answers = [find_refusal(text, language) for language in LANGUAGES]
    assert {answer.code for answer in answers if answer} == {code}
    assert len({answer.message for answer in answers if answer}) == len(LANGUAGES)
    assert len({answer.alternative for answer in answers if answer}) == len(LANGUAGES)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_business_is_not_refused(text: str) -> None:
    """Words that only look alike pass."""
    assert find_refusal(text) is None


def test_every_policy_speaks_four_languages_and_names_no_practice() -> None:
    """The answers are advice, and advice never contains what is refused."""
    for policy in POLICIES.values():
        assert set(policy.messages) == set(policy.alternatives) == set(LANGUAGES)
        for text in (*policy.messages.values(), *policy.alternatives.values()):
            assert find_refusal(text) is None, text


def test_a_topic_is_refused_by_its_name() -> None:
    """Who asks by code gets the same answer; every term is found by itself."""
    for topic in TOPICS:
        refusal = find_refusal(topic)
        assert refusal is not None
        assert refusal.code == topic
        for term in POLICIES[topic].terms:
            found = find_refusal(f"({term})")
            assert found is not None, term
            assert found.code == topic, term


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("zh-Hans", "zh-hans"), ("zh_CN", "zh-hans"), ("es-MX", "es"), ("ja", "ja"), ("fr", "en"), ("", "en")],
)
def test_languages_are_found_by_their_tags(tag: str, spoken: str) -> None:
    """An unknown language is answered in English."""
    assert spoken_as(tag) == spoken


def test_fields_are_refused_all_at_once() -> None:
    """Every field that asks for something refused is named; lawful ones pass in silence."""
    require_lawful({"/reason": "the competitor is cheaper"})
    with pytest.raises(Refused) as caught:
        require_lawful({"/reason": "安排刷单", "/note": "fine", "/comment": "under-invoice it"}, "ja")
    assert [(error.pointer, error.code) for error in caught.value.errors] == [
        ("/reason", "fake_reviews"),
        ("/comment", "under_declaration"),
    ]
