"""Everybody is answered in their language: texts are translated, codes and keys never are."""

from __future__ import annotations

import pytest
from django.test import Client
from django.test.utils import override_settings

from config.lib.errors import error_classes
from tenants.types import ClientRef, Role
from tests.api.conftest import logged_in, with_key
from tests.api.validating import ValidatingClient
from tests.factories.people import make_key, make_member, make_person

# Accept-Language, the language answered in, and the title of a 404 in it.
LANGUAGES = [
    ("en", "en", "Not found"),
    ("zh-Hans", "zh-Hans", "未找到"),
    ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans", "未找到"),
    ("ja", "ja", "見つかりません"),
    ("es-MX", "es", "No encontrado"),
    ("fr, ja;q=0.3, es;q=0.7", "es", "No encontrado"),
]


def in_language(wanted: str) -> dict[str, dict[str, str]]:
    """The header, as the test client takes it."""
    return {"headers": {"Accept-Language": wanted}}


@pytest.mark.django_db
@pytest.mark.parametrize(("wanted", "answered", "title"), LANGUAGES)
def test_a_problem_speaks_the_callers_language(
    wanted: str, answered: str, title: str, acme: ClientRef, owner: ValidatingClient
) -> None:
    """Title and detail are translated; code, type and the names of members stay."""
    answer = owner.get(f"/api/v1/clients/{acme.slug}/members/999999999", **in_language(wanted))
    assert (answer.status_code, answer["Content-Language"]) == (404, answered)
    problem = answer.json()
    assert (problem["title"], problem["code"], problem["type"]) == (title, "not_found", "/problems/not_found")
    assert (problem["detail"] == "There is no such member.") == (answered == "en")
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "details"),
    [
        ("en", {"Enter a valid email address.", '"king" is not a valid choice.'}),
        ("zh-Hans", {"请输入合法的邮件地址。", "“king” 不是合法选项。"}),
        ("ja", {"有効なメールアドレスを入力してください。", '"king"は有効な選択肢ではありません。'}),
        (
            "es",
            {"Introduzca una dirección de correo electrónico válida.", '"king" no es una elección válida.'},
        ),
    ],
)
def test_faults_of_a_body_are_translated(
    wanted: str, details: set[str], acme: ClientRef, owner: ValidatingClient
) -> None:
    """REST framework's own texts too; pointers and codes are the same in every language."""
    body = {"email": "no address", "role": "king"}
    answer = owner.post(f"/api/v1/clients/{acme.slug}/members", body, **in_language(wanted))
    faults = answer.json()["errors"]
    assert {(each["pointer"], each["code"]) for each in faults} == {
        ("/email", "invalid"),
        ("/role", "invalid_choice"),
    }
    assert {each["detail"] for each in faults} == details


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "detail"),
    [
        ("zh-Hans", "未知参数；可用的有：–。"),
        ("ja", "不明なパラメーターです。使用できるのは – です。"),
        ("es", "Parámetro desconocido; se admite: –."),
    ],
)
def test_texts_with_values_are_translated(wanted: str, detail: str, owner: ValidatingClient) -> None:
    """The sentence is translated, the value stands in its place."""
    answer = owner.get("/api/v1/me?no_such=1", **in_language(wanted))
    assert [each["detail"] for each in answer.json()["errors"]] == [detail]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("locale", "wanted", "answered"),
    [
        ("ja", "", "ja"),
        ("ja", "fr", "ja"),
        ("ja", "*", "ja"),
        ("ja", "es", "es"),
        ("ja", "en;q=0", "ja"),
        ("zh-hans", "", "zh-Hans"),
        ("klingon", "", "en"),
    ],
)
def test_a_person_is_answered_in_their_own_language_unless_they_ask(
    locale: str, wanted: str, answered: str, db: None
) -> None:
    """What the request asks for goes first, then what the person prefers, then English."""
    person = logged_in(make_person(locale=locale))
    assert person.get("/api/v1/no-such-thing")["Content-Language"] == "en", "no view knows the person there"
    assert person.get("/api/v1/me", **in_language(wanted))["Content-Language"] == answered


@pytest.mark.django_db
def test_machines_and_strangers_are_answered_in_english(acme: ClientRef, anonymous: ValidatingClient) -> None:
    """Unless they ask for another language; a person's language does not stay for the next request."""
    assert logged_in(make_person(locale="ja")).get("/api/v1/me")["Content-Language"] == "ja"
    machine = with_key(make_key(acme).text)
    assert machine.get("/api/v1/me")["Content-Language"] == "en"
    assert machine.get("/api/v1/me", **in_language("ja"))["Content-Language"] == "ja"
    assert anonymous.get("/api/v1/me")["Content-Language"] == "en"
    refused = anonymous.get("/api/v1/me", **in_language("es"))
    assert (refused.status_code, refused.json()["title"]) == (401, "Inicie sesión primero")


@pytest.mark.django_db
def test_a_repeated_request_is_answered_in_the_language_of_the_first(
    acme: ClientRef, owner: ValidatingClient
) -> None:
    """The same bytes again, and Content-Language tells the truth about them."""
    path, body = f"/api/v1/clients/{acme.slug}/members", {"email": "x@example.com", "role": "king"}
    headers = {"Idempotency-Key": "one", "Accept-Language": "ja"}
    first = owner.post(path, body, headers=headers)
    again = owner.post(path, body, headers={**headers, "Accept-Language": "es"})
    assert again.content == first.content
    assert again["Content-Language"] == first["Content-Language"] == "ja"


@pytest.mark.parametrize("path", ["/livez", "/problems", "/no-such", "/api/docs", "/api/schema"])
def test_every_answer_names_its_language(path: str, client: Client) -> None:
    """Also outside of the API's views."""
    answer = client.get(path, headers={"Accept-Language": "zh-TW"})
    assert answer["Content-Language"] == "zh-Hans", "nearer to zh-TW than English"
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize("wanted", ["zh-Hans", "ja", "es"])
def test_every_problem_is_explained_in_every_language(wanted: str, client: Client) -> None:
    """No title and no remedy of any error class is left in English."""
    english = {each["code"]: each for each in client.get("/problems").json()["data"]}
    found = client.get("/problems", headers={"Accept-Language": wanted}).json()["data"]
    ours = {code for code, each in error_classes().items() if not each.__module__.startswith("tests.")}
    for each in found:
        if each["code"] in ours - {"error"}:  # "Error" is Spanish too
            assert each["title"] != english[each["code"]]["title"], each["code"]
            assert not each["remedy"] or each["remedy"] != english[each["code"]]["remedy"], each["code"]
            assert each["status"] == english[each["code"]]["status"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "name"),
    [("en", "Net sales"), ("zh-Hans", "净销售额"), ("ja", "純売上"), ("es", "Ventas netas")],
)
def test_kpis_are_named_in_the_callers_language(
    wanted: str, name: str, acme: ClientRef, owner: ValidatingClient
) -> None:
    """The key stays, the name is the glossary's."""
    answer = owner.get(f"/api/v1/clients/{acme.slug}/kpis/net_sales", **in_language(wanted))
    assert (answer.json()["key"], answer.json()["name"]) == ("net_sales", name)


@pytest.mark.django_db
def test_a_person_who_asks_for_no_language_reads_kpis_in_their_own(acme: ClientRef) -> None:
    """Without Accept-Language the person's locale decides, for the names as for the header."""
    user = make_person(is_staff=True, is_owner=True, locale="ja")
    answer = logged_in(user).get(f"/api/v1/clients/{acme.slug}/kpis/net_sales")
    assert (answer["Content-Language"], answer.json()["name"]) == ("ja", "純売上")


@pytest.mark.django_db
def test_the_login_speaks_too(db: None) -> None:
    """allauth's answers come in the language that is asked for."""
    answer = Client().post(
        "/api/auth/app/v1/auth/login",
        {"email": "nobody@example.com", "password": "wrong-password"},
        content_type="application/json",
        headers={"Accept-Language": "es"},
    )
    assert (answer.status_code, answer["Content-Language"]) == (400, "es")
    (fault,) = answer.json()["errors"]
    assert fault["message"] != "The email address and/or password you specified are not correct."


@override_settings(LANGUAGE_CODE="es")
def test_a_deployment_may_speak_another_language_by_default(client: Client) -> None:
    """LANGUAGE_CODE decides for whoever says nothing."""
    assert client.get("/no-such").json()["title"] == "No encontrado"


def test_members_see_their_own_language_below_a_client(acme: ClientRef, db: None) -> None:
    """The preference holds in a client's schema as in public."""
    user_id = make_person(locale="es")
    make_member(acme, Role.ANALYST, user_id=user_id)
    answer = logged_in(user_id).get(f"/api/v1/clients/{acme.slug}/audit")
    assert (answer.status_code, answer.json()["title"]) == (403, "No tiene permiso para hacer esto")
