"""Does the capability matrix say of every stream how it is fed, on every platform?"""

from __future__ import annotations

import pytest

from connectors.engine.evidence import METRICS, stream_of
from connectors.platforms.csv_upload.datasets import DATASETS, dataset_of, streams_of
from connectors.platforms.csv_upload.layout import layout_of, read_profile
from connectors.platforms.csv_upload.profiles import PROFILES
from connectors.registry import PLATFORMS
from connectors.selectors.platforms import FeedKind, feeds

BY_FILE = [key for key, spec in PLATFORMS.all().items() if not spec.streams]


@pytest.mark.parametrize("platform", BY_FILE)
def test_a_platform_by_file_calls_nothing(platform: str) -> None:
    """It has places to sell and neither an operation, a host nor a credential."""
    spec = PLATFORMS.get(platform)
    assert spec.marketplaces
    assert (dict(spec.operations), spec.document_hosts, spec.auth.credential_fields) == ({}, (), ())
    assert not any(place.host for place in spec.marketplaces.values())


@pytest.mark.parametrize("platform", PLATFORMS.keys())
def test_every_stream_has_a_feed(platform: str) -> None:
    """A platform's own stream goes first, then its export, then our template; checks are evidence."""
    known = feeds(platform)
    for dataset in DATASETS.values():
        for stream in dataset.streams:
            assert stream in known or stream == "evidence"
    for stream in PLATFORMS.get(platform).streams:
        assert known[stream].kind is FeedKind.STREAM
    for metric, about in METRICS.items():
        assert known[stream_of(metric)].kind is (FeedKind.OWN if about.is_own else FeedKind.EVIDENCE)
    for feed in known.values():
        if feed.kind is FeedKind.UPLOAD:
            assert PROFILES[feed.how].dataset == feed.dataset


def test_rakutens_orders_come_by_its_own_export() -> None:
    """And it is said that its headers were never checked against a file."""
    feed = feeds("rakuten")["orders"]
    assert (feed.how, feed.verified, feed.also) == ("rakuten_orders", False, ("template_orders",))


def test_datasets_and_streams_know_each_other() -> None:
    """A key of no dataset is its own stream."""
    assert streams_of("inventory") == ("inventory", "inventory_ledger")
    assert streams_of("something") == ("something",)
    found = dataset_of("finances")
    assert found is not None
    assert found.key == "charges"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.key)
def test_every_built_in_layout_can_be_saved_as_an_own_one(profile: object) -> None:
    """Written as JSON and read again it is the same layout, so a client may begin with ours."""
    assert hasattr(profile, "key")
    saved = read_profile(
        key="own",
        version=1,
        title="Own",
        dataset=profile.dataset,  # type: ignore[attr-defined]
        layout=layout_of(profile),  # type: ignore[arg-type]
    )
    assert layout_of(saved) == layout_of(profile)  # type: ignore[arg-type]
