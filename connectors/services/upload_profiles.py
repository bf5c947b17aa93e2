"""How a client saves the layout of its files: versions that are never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from config.lib import clock
from config.lib.errors import Conflict, PreconditionFailed
from connectors.models import UploadProfile
from connectors.platforms.csv_upload.layout import layout_of, read_profile
from connectors.platforms.csv_upload.profile import Profile
from connectors.platforms.csv_upload.profiles import PROFILES
from connectors.selectors.uploads import find_own_profile
from tenants import audit


def save_profile(
    *, key: str, title: str, dataset: str, layout: Mapping[str, Any], version: int, is_archived: bool = False
) -> Profile:
    """Save a new version of a layout; `version` is that of the present one, 0 for none.

    `Invalid` names every fault of the layout, `Conflict` a built-in profile's key, `PreconditionFailed`
    another version. What was handed in with a former version keeps naming that one.
    """
    if key in PROFILES:
        raise Conflict(f"{key} is a built-in profile.", remedy="Choose another key.")
    profile = read_profile(key=key, version=version + 1, title=title, dataset=dataset, layout=layout)
    before = find_own_profile(key)
    if (before.version if before else 0) != version:
        raise PreconditionFailed
    try:
        with transaction.atomic():
            UploadProfile.objects.create(
                key=key,
                version=profile.version,
                title=title,
                dataset=dataset,
                layout=layout_of(profile),
                is_archived=is_archived,
                created_at=clock.now(),
            )
            audit.record(
                "upload_profile.saved",
                target=("upload_profile", key),
                before=layout_of(before) if before else None,
                after={**layout_of(profile), "version": profile.version, "archived": is_archived},
            )
    except IntegrityError as error:
        # Somebody else saved the same version at the same moment.
        raise PreconditionFailed from error
    return replace(profile, title=title)
