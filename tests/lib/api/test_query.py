"""Query strings: known parameters, once each, read as what they are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.lib.api.query import FieldsField, PageQuery, SortField, pick
from config.lib.errors import BadRequest


class _Query(PageQuery):
    period = serializers.RegexField(r"\d{4}-\d{2}", required=False)
    active = serializers.BooleanField(required=False)
    status = serializers.ListField(child=serializers.ChoiceField(choices=["open", "done"]), required=False)
    fields_ = serializers.CharField(required=False)
    show = FieldsField(["id", "name"])
    store = serializers.ListField(child=serializers.IntegerField(), required=False)
    offset = serializers.IntegerField(required=False)
    sort = SortField({"day": "business_on", "sku": "sku"})


def _read(query: str) -> dict[str, Any]:
    return _Query.read(Request(APIRequestFactory().get(f"/x?{query}")))


def _faults(query: str) -> list[tuple[str, str]]:
    with pytest.raises(BadRequest) as caught:
        _read(query)
    assert all(error.pointer == "" for error in caught.value.errors)
    return [(error.parameter, error.code) for error in caught.value.errors]


def test_parameters_are_read_by_type_and_absent_ones_stay_absent() -> None:
    """A missing boolean is not False."""
    assert _read("") == {}
    assert _read("active=true&limit=20&period=2026-11") == {"active": True, "limit": 20, "period": "2026-11"}


def test_unknown_parameters_are_named_with_the_known_ones() -> None:
    """Every unknown one at once; a misspelt filter must not show the whole list."""
    assert _faults("perriod=2026-11&x=1") == [("perriod", "unknown_parameter"), ("x", "unknown_parameter")]
    with pytest.raises(BadRequest) as caught:
        _read("x=1")
    assert "active, count, cursor" in caught.value.errors[0].detail


def test_a_parameter_stands_once_unless_it_is_a_list() -> None:
    """Lists may be repeated or separated by commas."""
    assert _faults("limit=1&limit=2") == [("limit", "repeated_parameter")]
    assert _read("status=open,done") == _read("status=open&status=done") == {"status": ["open", "done"]}


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("limit=0", ("limit", "min_value")),
        ("limit=201", ("limit", "max_value")),
        ("limit=a", ("limit", "invalid")),
        ("count=yes", ("count", "invalid_choice")),
        ("status=open,lost", ("status", "invalid_choice")),
        ("period=now", ("period", "invalid")),
        ("sort=price", ("sort", "unknown")),
        ("show=id,secret", ("show", "unknown")),
    ],
)
def test_unreadable_values_name_their_parameter(query: str, fault: tuple[str, str]) -> None:
    """With a stable code for programs."""
    assert _faults(query) == [fault]


@pytest.mark.parametrize("text", ["+1", " 1 ", "1_0", "1.0", "１２", "٣", "1e2", "0x10", "", "-", "1-"])
@pytest.mark.parametrize("name", ["offset", "store"])
def test_a_whole_number_is_written_in_plain_digits(name: str, text: str) -> None:
    """REST framework and Python read more than other languages would; items of a list are held to it too."""
    before = "7," if name == "store" else ""
    if name == "store" and not text:
        text = "+"
    assert _faults(urlencode({name: before + text})) == [(name, "invalid")]


def test_plain_digits_are_read() -> None:
    """With a minus where the field admits it."""
    assert _read("offset=-7&store=1,20") == {"offset": -7, "store": [1, 20]}


class _Row(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


def test_a_list_offers_the_members_of_its_rows() -> None:
    """And only the query made for the row does."""
    query = PageQuery.of(_Row)
    assert query.read(Request(APIRequestFactory().get("/x?fields=name&limit=2"))) == {
        "fields": ("name",),
        "limit": 2,
    }
    with pytest.raises(BadRequest) as caught:
        query.read(Request(APIRequestFactory().get("/x?fields=name,colour")))
    assert caught.value.errors[0].parameter == "fields"
    with pytest.raises(BadRequest):
        PageQuery.read(Request(APIRequestFactory().get("/x?fields=name")))


def test_sorting_always_ends_in_a_unique_column() -> None:
    """Otherwise pages could repeat or lose rows."""
    assert _read("sort=-day,sku")["sort"] == ("-business_on", "sku", "-id")
    assert _read("sort=sku")["sort"] == ("sku", "id")
    assert _read("sort=sku,-sku")["sort"] == ("sku", "id")


def test_sparse_fields_keep_the_rows_order() -> None:
    """Members are chosen, not rearranged; a name given twice counts once."""
    assert _read("show=name,id,name")["show"] == ("name", "id")
    assert list(pick({"id": 1, "name": "a", "more": 2}, ("name", "id"))) == ["id", "name"]
    assert pick({"id": 1}, None) == {"id": 1}
