"""Conditional requests: no blind overwriting, no body that the caller has already."""

from __future__ import annotations

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.lib.api.etag import etag_of, not_modified, require_if_match
from config.lib.errors import PreconditionFailed, PreconditionRequired


def _request(**headers: str) -> Request:
    return Request(APIRequestFactory().get("/x", headers=headers))


@pytest.mark.parametrize("given", ['"3"', '"2", "3"', "*"])
def test_the_present_version_passes(given: str) -> None:
    """Alone, among others, or any by name."""
    require_if_match(_request(**{"If-Match": given}), 3)


def test_without_if_match_nothing_is_changed() -> None:
    """428 says what is missing."""
    with pytest.raises(PreconditionRequired):
        require_if_match(_request(), 3)


@pytest.mark.parametrize("given", ['"2"', 'W/"3"', "3", '"3', '"30"', "nonsense"])
def test_another_version_is_refused_and_told_the_present_one(given: str) -> None:
    """412 carries the ETag to go on with; weak tags never match strongly."""
    with pytest.raises(PreconditionFailed) as caught:
        require_if_match(_request(**{"If-Match": given}), 3)
    assert caught.value.headers == {"ETag": '"3"'}


def test_a_copy_that_is_fresh_costs_no_body() -> None:
    """304 for the same tag, weak or strong; None otherwise."""
    tag = etag_of(b"body")
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = not_modified(_request(**{"If-None-Match": given}), tag)
        assert answer is not None
        assert (answer.status_code, answer["ETag"]) == (304, tag)
    assert not_modified(_request(**{"If-None-Match": '"x"'}), tag) is None
    assert not_modified(_request(), tag) is None


def test_tags_of_bytes_and_versions_are_quoted_and_differ() -> None:
    """Equal content, equal tag; a quote in a version cannot break out."""
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(7) == etag_of("7") == '"7"'
