"""What each platform can deliver, and what people have to hand in instead: the capability matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.engine.evidence import METRICS, stream_of
from connectors.engine.protocol import ConnectorSpec
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.profiles import platforms_of
from connectors.registry import PLATFORMS, get_spec


class FeedKind(StrEnum):
    """How a stream's facts reach us: from the platform, by files, by a person's check, or by ourselves."""

    STREAM = "stream"
    UPLOAD = "upload"
    EVIDENCE = "evidence"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Feed:
    """One way to feed a stream. `how` names it: a stream's key, an upload profile, a check.

    `also` are further upload profiles. `verified` is False where a profile's headers were never checked
    against a real file.
    """

    kind: FeedKind
    how: str
    dataset: str = ""
    also: tuple[str, ...] = ()
    verified: bool = True


def feeds(platform: str) -> Mapping[str, Feed]:
    """The best feed of every stream that KPIs may need, by the stream's key, for a platform's stores.

    A stream of the platform's interface goes before its own exports, and those before our template.
    `UnknownKey` for an unknown platform.
    """
    spec = get_spec(platform)
    known: dict[str, Feed] = {key: Feed(FeedKind.STREAM, key) for key in spec.streams}
    if platform == "amazon_sp":
        known.update({key: Feed(FeedKind.STREAM, key) for key in get_spec("amazon_ads").streams})
    for dataset in DATASETS.values():
        for stream in dataset.streams:
            if stream != "evidence":
                known.setdefault(stream, _upload(platform, dataset.key))
    for metric, about in METRICS.items():
        kind = FeedKind.OWN if about.is_own else FeedKind.EVIDENCE
        known[stream_of(metric)] = Feed(kind, metric, dataset="evidence")
    return known


def list_platforms() -> list[dict[str, Any]]:
    """Return every platform with its fields, marketplaces, streams and feeds, as the API shows them."""
    return [_shown(spec) for spec in PLATFORMS.all().values()]


def _upload(platform: str, dataset: str) -> Feed:
    by_platform = platforms_of(dataset)
    profiles = (*by_platform.get(platform, ()), *by_platform.get("", ()))
    first, *others = profiles
    return Feed(
        FeedKind.UPLOAD, first.key, dataset, tuple(each.key for each in others), verified=first.verified
    )


def _shown(spec: ConnectorSpec) -> dict[str, Any]:
    return {
        "key": spec.key,
        "title": spec.title,
        "credential_fields": list(spec.auth.credential_fields),
        "account_fields": list(spec.account_fields),
        "scope_warning": spec.scope_warning,
        "marketplaces": [
            {
                "id": place.id,
                "market": place.market,
                "currency": place.currency,
                "time_zone": place.time_zone,
            }
            for place in spec.marketplaces.values()
        ],
        "streams": [
            {
                "key": stream.key,
                "family": stream.family,
                "cadence_seconds": int(stream.cadence.total_seconds()),
                "stale_after_seconds": int(stream.stale_after.total_seconds()),
            }
            for stream in spec.streams.values()
        ],
        "feeds": [
            {
                "stream": stream,
                "kind": feed.kind,
                "how": feed.how,
                "dataset": feed.dataset,
                "also": list(feed.also),
                "verified": feed.verified,
            }
            for stream, feed in sorted(feeds(spec.key).items())
        ],
    }
