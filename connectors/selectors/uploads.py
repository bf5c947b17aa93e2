"""What was handed in and what became of it, and in which layouts files may come."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.models import UploadedFile, UploadFault, UploadProfile
from connectors.platforms.csv_upload.layout import read_profile
from connectors.platforms.csv_upload.profile import Profile
from connectors.platforms.csv_upload.profiles import PROFILES

UPLOAD_COLUMNS = (
    "id",
    "dataset",
    "store_id",
    "profile",
    "profile_version",
    "mode",
    "state",
    "filename",
    "sha256",
    "size",
    "encoding",
    "encoding_confidence",
    "covered_from",
    "covered_through",
    "job_id",
    "run_id",
    "rows_read",
    "rows_inserted",
    "rows_changed",
    "rows_unchanged",
    "rows_duplicate",
    "rows_rejected",
    "rows_removed",
    "faults",
    "days",
    "ignored",
    "problem",
    "received_at",
    "finished_at",
)


def uploads_query(
    *, dataset: str | None = None, store_id: int | None = None, state: str | None = None
) -> QuerySet[Any, Any]:
    """The uploads, for paging."""
    rows: QuerySet[Any, Any] = UploadedFile.objects.values(*UPLOAD_COLUMNS)
    for name, value in (("dataset", dataset), ("store_id", store_id), ("state", state)):
        if value is not None:
            rows = rows.filter(**{name: value})
    return rows


def get_upload(upload_id: int) -> dict[str, Any]:
    """One upload; `NotFound` if there is none of this id."""
    row = UploadedFile.objects.filter(pk=upload_id).values(*UPLOAD_COLUMNS).first()
    if row is None:
        raise NotFound(f"there is no upload {upload_id}")
    return dict(row)


def faults_query(upload_id: int) -> QuerySet[Any, Any]:
    """What was wrong in a file, for paging; at most `mapping.MAX_FAULTS` are kept."""
    rows: QuerySet[Any, Any] = UploadFault.objects.filter(upload_id=upload_id)
    return rows.values("id", "row", "column", "field", "code", "detail")


def list_own_profiles() -> list[Profile]:
    """The client's own layouts, each in its newest version; archived ones are left out."""
    newest = UploadProfile.objects.order_by("key", "-version").distinct("key")
    return [_profile(row) for row in newest if not row.is_archived]


def list_profiles(*, dataset: str | None = None) -> list[Profile]:
    """Every layout a file may come in: the client's own first, then the built-in ones."""
    every = [*list_own_profiles(), *PROFILES.values()]
    return [profile for profile in every if dataset is None or profile.dataset == dataset]


def find_own_profile(key: str) -> Profile | None:
    """A layout of the client's own in its newest version, archived or not; None if there is none."""
    row = UploadProfile.objects.filter(key=key).order_by("-version").first()
    return None if row is None else _profile(row)


def get_profile(key: str) -> Profile:
    """A layout by its key; `NotFound` if neither the client nor the product has it."""
    own = next((profile for profile in list_own_profiles() if profile.key == key), None)
    if own is not None:
        return own
    if key not in PROFILES:
        raise NotFound(f"there is no upload profile {key!r}")
    return PROFILES[key]


def _profile(row: UploadProfile) -> Profile:
    return read_profile(
        key=row.key, version=row.version, title=row.title, dataset=row.dataset, layout=row.layout
    )
