"""The allow-list: only listed methods, origins and paths, whatever is tried."""

from __future__ import annotations

from typing import Any

import pytest

from config.lib.allowlist import AllowList, ReadOperation, WriteRefused

NA, FE, LWA = "https://na.api.example", "https://fe.api.example", "https://login.example"
OPERATIONS = {
    "order": ReadOperation("order", "GET", NA, "/orders/v0/orders/{order_id}/items"),
    "token": ReadOperation("token", "POST", LWA, "/auth/o2/token"),
    "document": ReadOperation("document", "GET", "", ""),
    "report": ReadOperation("report", "GET", "", "/reports/{name}.gz"),
}
LIST = AllowList(
    OPERATIONS,
    ["docs-*.s3.example", "https://exact.docs.example"],
    {FE: "http://127.0.0.1:9", "https://docs-na.s3.example": "http://127.0.0.1:9"},
    hosts=[NA, FE],
)


def test_listed_calls_go_where_the_list_says() -> None:
    """Regional operations follow the host, others keep their origin, stand-ins replace origins."""
    order = LIST.resolve("order", path_params={"order_id": "123-456"})
    assert (order.method, order.url) == ("GET", f"{NA}/orders/v0/orders/123-456/items")
    far = LIST.resolve("order", host=FE, path_params={"order_id": "a b"})
    assert (far.origin, far.url) == (FE, "http://127.0.0.1:9/orders/v0/orders/a%20b/items")
    assert LIST.resolve("token", host=FE).url == f"{LWA}/auth/o2/token"


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://docs-eu.s3.example/a/b.gz?X-Amz-Signature=ab%2F", None),
        ("https://exact.docs.example/a%20b", None),
        ("https://docs-na.s3.example/a?b=c", "http://127.0.0.1:9/a?b=c"),
        ("http://127.0.0.1:9/documents/1", None),
    ],
)
def test_presigned_addresses_are_kept_byte_for_byte(url: str, sent: str | None) -> None:
    """A signature covers the address, so only a stand-in's origin may be exchanged."""
    assert LIST.resolve("document", url=url).url == (sent or url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://docs-eu.s3.example/a", "HTTPS://docs-eu.s3.example/a", "https://DOCS-eu.s3.example/a"),
        *("https://user@docs-eu.s3.example/a", "https://u:p@docs-eu.s3.example/a"),
        *("https://docs-eu.s3.example:8443/a", "https://docs-eu.s3.example:443/a"),
        *("https://docs-eu.s3.example.evil.test/a", "https://evil.test/docs-eu.s3.example"),
        *("https://evil.test\\@docs-eu.s3.example/a", "https://evil.test#@docs-eu.s3.example/a"),
        *("https://evil.test/?@docs-eu.s3.example/a", "https://docs-eu.s3.example./a"),
        *("//docs-eu.s3.example/a", "docs-eu.s3.example/a", "https:docs-eu.s3.example/a", "https://"),
        *(
            "https://docs-eu.s3.example",
            "https://docs-eu.s3.example/../a",
            "https://docs-eu.s3.example/%2e%2e/a",
        ),
        *(
            "https://docs-eu.s3.example/a%2fb",
            "https://docs-eu.s3.example/a%5cb",
            "https://docs-eu.s3.example/a\\b",
        ),
        *(
            "https://docs-eu.s3.example/a%252fb",
            "https://docs-eu.s3.example/a%00b",
            "https://docs-eu.s3.example/a\nb",
        ),
        *(
            "https://docs-eu.s3.example/a#b",
            "https://docs-eu.s3.example/a?b#c",
            "https://docs-eu.s3.example/a b",
        ),
        *("https://docs-еu.s3.example/a", "https://docs-eu.s3.example/ä", " https://docs-eu.s3.example/a"),
        *("http://127.0.0.1:99/a", "http://127.0.0.1/a", "http://127.1:9/a", "http://2130706433:9/a"),
        *("https://docs-a/b.s3.example/a", "file:///etc/passwd", "https://docs-eu.s3.example/" + "a" * 9000),
        *("http://127.0.0.1:9@evil.test/a", "http://127.0.0.1:9.evil.test/a", "http://[::1]:9/a"),
        *("https://docs-eu.s3.example/;/..;/a", "https://docs-eu.s3.example\t/a"),
    ],
)
def test_other_document_addresses_are_refused(url: str) -> None:
    """Tricks with scheme, user, port, host, path and encoding."""
    with pytest.raises(WriteRefused):
        LIST.resolve("document", url=url)


@pytest.mark.parametrize(
    "value", ["..", ".", "a/b", "a\\b", "a%2fb", "%2e%2e", "", "a\x00b", "a\nb", "../../x", "..;", "\u202e"]
)
def test_a_part_of_a_path_is_one_part(value: str) -> None:
    """No slash, dot segment or control character, encoded or not, gets into a path."""
    with pytest.raises(WriteRefused):
        LIST.resolve("order", path_params={"order_id": value})


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("cancel", {}),
        ("order", {}),
        ("order", {"path_params": {"order_id": "1", "more": "2"}}),
        ("order", {"path_params": {"order_id": "1"}, "host": "https://evil.test"}),
        ("order", {"path_params": {"order_id": "1"}, "host": "HTTPS://na.api.example"}),
        ("order", {"path_params": {"order_id": "1"}, "host": "https://na.api.example:443"}),
        ("order", {"path_params": {"order_id": "1"}, "host": "https://u@na.api.example"}),
        ("order", {"path_params": {"order_id": "1"}, "host": "https://na.api.example/x"}),
        ("order", {"path_params": {"order_id": "1"}, "host": ""}),
        ("order", {"url": "https://docs-eu.s3.example/a"}),
        ("document", {}),
        ("document", {"url": "https://docs-eu.s3.example/a", "host": NA}),
        ("document", {"url": "https://docs-eu.s3.example/a", "path_params": {"a": "b"}}),
        ("report", {"url": "https://docs-eu.s3.example/other/a.gz"}),
        ("report", {"url": "https://docs-eu.s3.example/reports/a/b.gz"}),
    ],
)
def test_what_does_not_fit_its_operation_is_refused(key: str, arguments: dict[str, Any]) -> None:
    """Unknown keys, wrong parameters, other origins, documents where none are meant and the reverse."""
    with pytest.raises(WriteRefused):
        LIST.resolve(key, **arguments)


def test_a_document_operation_may_limit_its_paths() -> None:
    """Where the manifest gives a path, the presigned address has to follow it."""
    assert LIST.resolve("report", url="https://docs-eu.s3.example/reports/x1.gz?s=1").path == "/reports/x1.gz"


def test_manifests_that_could_write_are_refused_when_they_are_read() -> None:
    """PUT, PATCH and DELETE are no methods to read with; origins are exact."""
    for method in ("PUT", "PATCH", "DELETE", "get", "OPTIONS"):
        with pytest.raises(ValueError, match="no method to read with"):
            AllowList({"x": ReadOperation("x", method, NA, "/x")})
    for origin in (
        "https://A.example",
        "https://a.example/",
        "ftp://a.example",
        "a.example",
        "https://u@a.b",
    ):
        with pytest.raises(ValueError, match="no origin"):
            AllowList({"x": ReadOperation("x", "GET", origin, "/x")})


def test_the_last_look_refuses_what_a_library_changed() -> None:
    """If the HTTP library normalised a request into another one, it does not leave."""
    target = LIST.resolve("token")
    fine = {"method": "POST", "origin": LWA, "path": "/auth/o2/token", "userinfo": b""}
    LIST.verify(target, **fine)  # type: ignore[arg-type]
    for change in (
        {"method": "GET"},
        {"origin": "https://evil.test"},
        {"path": "/auth/o2/token/"},
        {"userinfo": b"me"},
    ):
        with pytest.raises(WriteRefused):
            LIST.verify(target, **(fine | change))  # type: ignore[arg-type]
