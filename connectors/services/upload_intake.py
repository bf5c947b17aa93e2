"""How a file is taken in: received sealed with a job to read it, or looked at without keeping anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid
from connectors.models import UploadedFile
from connectors.models.uploads import TAKEN_STATES
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset, Sink
from connectors.platforms.csv_upload.mapping import Fault, Mapped, map_sheet, preview_rows
from connectors.platforms.csv_upload.profile import Profile
from connectors.platforms.csv_upload.profiles import Likeness, guess_profiles
from connectors.platforms.csv_upload.table import Sheet, find_header, open_table
from connectors.selectors.stores import get_store
from connectors.selectors.uploads import get_profile, list_profiles
from connectors.services.upload_reading import Options, context_of, laid_out
from connectors.services.uploads import AlreadyUploaded
from tenants import audit, crypto
from tenants.services.jobs import start_job
from tenants.types import JobView

JOB_KIND = "connectors.take_upload"
MODES = ("dry_run", "whole", "partial")
TABLE, BODY = "connectors_uploadedfile", "body"
_FORGOTTEN = timedelta(hours=24)
_PREVIEWED = 20
_GUESSES = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file looks like before it is taken: how it was read, and its first rows as understood.

    `guesses` are the likeliest layouts; `profile` is the one the rows were read by ("" when none fits).
    """

    encoding: str
    confidence: Decimal
    delimiter: str
    header: Sequence[str]
    guesses: Sequence[Likeness]
    profile: str
    dataset: str
    rows: Sequence[dict[str, Any]] = ()
    faults: Sequence[Fault] = ()
    ignored: Sequence[str] = ()
    dropped: Sequence[str] = field(default=())


def receive_upload(
    *,
    content: bytes,
    filename: str,
    dataset: str,
    profile: str,
    store_id: int | None,
    mode: str,
    options: Options,
) -> tuple[int, JobView]:
    """Take a file in and start the job that reads it; returns the upload's id and the job.

    `profile` "" is our own template of the dataset. `AlreadyUploaded` (409) for bytes that were taken before
    for the same dataset, store and layout; `Invalid` for what cannot belong together; `TableUnreadable` and
    `PayloadTooLarge` for files that need not be read to be refused.
    """
    known, layout = _chosen(dataset, profile, store_id, mode)
    _look(content, laid_out(layout, options))
    sha256 = hashlib.sha256(content).hexdigest()
    store = 0 if store_id is None else store_id
    with transaction.atomic():
        # A job that never came through must not keep somebody's data, nor the file from being sent again.
        UploadedFile.objects.filter(body__isnull=False, received_at__lt=clock.now() - _FORGOTTEN).update(
            body=None, state="rejected", problem={"code": "abandoned"}
        )
        former = UploadedFile.objects.filter(
            sha256=sha256,
            dataset=known.key,
            store_id=store,
            profile=layout.key,
            profile_version=layout.version,
            state__in=TAKEN_STATES,
        ).exclude(mode="dry_run")
        if mode != "dry_run" and (taken := former.first()) is not None:
            raise AlreadyUploaded(f"The same file was taken as upload {taken.pk}.")
        row = _created(
            dataset=known.key,
            store_id=store,
            profile=layout.key,
            profile_version=layout.version,
            mode=mode,
            filename="".join(char for char in filename if char.isprintable())[-200:],
            sha256=sha256,
            size=len(content),
            options=options.as_json(),
            received_at=clock.now(),
        )
        job = start_job(JOB_KIND, key=str(row.pk), payload={"upload_id": row.pk}, max_attempts=3)
        row.body = crypto.seal(content, table=TABLE, row=row.pk, field=BODY)
        row.job_id = job.id
        row.save(update_fields=["body", "job_id"])
        audit.record(
            "upload.received",
            target=("upload", row.pk),
            after={
                "dataset": known.key,
                "store_id": store_id,
                "profile": layout.key,
                "mode": mode,
                "filename": row.filename,
                "sha256": sha256,
                "size": len(content),
            },
        )
    return row.pk, job


def preview_upload(
    *, content: bytes, dataset: str, profile: str, store_id: int | None, options: Options
) -> Preview:
    """Look at a file: which layout it seems to have, and its first rows as they would be understood.

    Nothing is kept. Without a `profile` the likeliest of the dataset (of all, without one) is tried.
    """
    named = get_profile(profile) if profile else None
    table = open_table(
        content,
        encoding=options.encoding or (named.encoding if named else ""),
        delimiter=options.delimiter or (named.delimiter if named else ""),
        sheet=options.sheet or (named.sheet if named else ""),
    )
    sheet = find_header(table, named)
    guesses = guess_profiles(sheet.header, list_profiles(dataset=dataset or None))[:_GUESSES]
    chosen = named or (guesses[0].profile if guesses and guesses[0].confidence >= Decimal("0.5") else None)
    mapped = Mapped()
    if chosen is not None and store_id is not None:
        first = [row for row, _ in zip(sheet.rows, range(_PREVIEWED), strict=False)]
        mapped = map_sheet(
            DATASETS[chosen.dataset],
            laid_out(chosen, options),
            Sheet(sheet.header, sheet.header_row, iter(first)),
            context_of(get_store(store_id)),
        )
    return Preview(
        encoding=table.encoding,
        confidence=table.confidence,
        delimiter=table.delimiter,
        header=sheet.header,
        guesses=guesses,
        profile=chosen.key if chosen else "",
        dataset=chosen.dataset if chosen else "",
        rows=tuple(preview_rows(mapped.rows, _PREVIEWED)),
        faults=tuple(mapped.faults[:_PREVIEWED]),
        ignored=mapped.ignored,
        dropped=mapped.dropped,
    )


def _chosen(dataset: str, profile: str, store_id: int | None, mode: str) -> tuple[Dataset, Profile]:
    faults = []
    known = DATASETS.get(dataset)
    if known is None:
        told = f"Unknown; known are: {', '.join(DATASETS)}."
        raise Invalid(errors=[FieldError("", told, "unknown", parameter="dataset")])
    layout = get_profile(profile or f"template_{dataset}")
    if layout.dataset != dataset:
        told = f"{layout.key} is a layout of {layout.dataset}."
        faults.append(FieldError("", told, "mismatch", parameter="profile"))
    if mode not in MODES:
        faults.append(FieldError("", f"One of {', '.join(MODES)}.", "unknown", parameter="mode"))
    if known.sink is Sink.FACTS and store_id is None:
        told = "These are facts of a store; say which."
        faults.append(FieldError("", told, "required", parameter="store"))
    if known.sink is not Sink.FACTS and store_id is not None:
        told = "This concerns no single store."
        faults.append(FieldError("", told, "mismatch", parameter="store"))
    if faults:
        raise Invalid(errors=faults)
    if store_id is not None:
        get_store(store_id)
    return known, layout


def _look(content: bytes, layout: Profile) -> None:
    """Open the file as far as its header: what is no table at all is refused at once, not by a job later."""
    table = open_table(content, encoding=layout.encoding, delimiter=layout.delimiter, sheet=layout.sheet)
    find_header(table, layout)


def _created(**values: Any) -> UploadedFile:
    try:
        with transaction.atomic():
            return UploadedFile.objects.create(**values)
    except IntegrityError as error:
        # The same bytes arrived twice at the same moment.
        raise AlreadyUploaded("The same file is being taken already.") from error
