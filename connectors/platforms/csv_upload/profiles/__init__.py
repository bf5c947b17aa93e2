"""Every built-in profile by its key, and which one a file looks like."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset
from connectors.platforms.csv_upload.profile import Column, Profile, header_key
from connectors.platforms.csv_upload.profiles import amazon, others


def template_of(dataset: Dataset) -> Profile:
    """The profile of our own template: every column bears its field's name."""
    return Profile(
        key=f"template_{dataset.key}",
        title=f"Our template: {dataset.title}",
        dataset=dataset.key,
        columns={each.name: Column((each.name,)) for each in dataset.fields},
        source="Our template",
    )


PROFILES: Mapping[str, Profile] = {
    profile.key: profile
    for profile in (
        *(template_of(dataset) for dataset in DATASETS.values()),
        *amazon.PROFILES,
        *others.PROFILES,
    )
}


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a file's header looks like a profile's: the share of its columns that the header names."""

    profile: Profile
    confidence: Decimal
    missing: tuple[str, ...]


def guess_profiles(header: Collection[str], profiles: Iterable[Profile]) -> Sequence[Likeness]:
    """The profiles whose required columns a header holds or nearly holds, the likeliest first.

    A required field that is missing halves the confidence.
    """
    names = {header_key(name) for name in header if name}
    found = []
    for profile in profiles:
        dataset = DATASETS[profile.dataset]
        hits = sum(1 for alternatives in profile.needed if names.intersection(alternatives))
        required = [each.name for each in dataset.fields if each.required]
        missing = tuple(name for name in required if not _has(profile, name, names))
        share = Decimal(hits) / max(len(profile.columns), 1)
        # Of two profiles that are there whole, the one that explains more of the file is meant.
        explained = Decimal(hits) / max(len(names), 1)
        confidence = (share * Decimal("0.7") + explained * Decimal("0.3")) / 2 ** len(missing)
        if hits >= 2:
            rounded = confidence.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            found.append(Likeness(profile, rounded, missing))
    return sorted(found, key=lambda each: (-each.confidence, each.profile.key))


def _has(profile: Profile, name: str, header: Collection[str]) -> bool:
    column = profile.columns.get(name)
    by_column = column is not None and any(header_key(each) in header for each in column.names)
    return by_column or name in profile.constants


def platforms_of(dataset: str) -> Mapping[str, tuple[Profile, ...]]:
    """The built-in profiles of a dataset by the platform whose export they read ("" for our template)."""
    found: dict[str, list[Profile]] = {}
    for profile in PROFILES.values():
        if profile.dataset == dataset:
            found.setdefault(profile.platform, []).append(profile)
    return {platform: tuple(profiles) for platform, profiles in found.items()}
