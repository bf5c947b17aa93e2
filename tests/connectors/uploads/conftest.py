"""The ground of the uploads' tests: a store that nothing but files feeds, and files handed in by the job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.models import UploadedFile
from connectors.services.connections import attach_store, create_connection
from connectors.services.upload_intake import receive_upload
from connectors.services.upload_reading import Options
from connectors.types import StoreRef
from tenants.tasking import run_job_now
from tenants.types import ClientRef

HandIn = Callable[..., UploadedFile]


def make_shop(platform: str = "rakuten", market: str = "jp") -> StoreRef:
    """A store of the current client at a platform without an interface."""
    connection = create_connection(platform=platform, name=platform, account={}, credential={})
    return attach_store(connection_id=connection.id, marketplace_id=f"{platform}-{market}", name="Shop")


@pytest.fixture
def shop(in_acme: ClientRef) -> StoreRef:
    """Acme's shop at Rakuten."""
    return make_shop()


@pytest.fixture
def hand_in(shop: StoreRef) -> HandIn:
    """Hand a file in and have it read; returns the upload as it ended."""

    def hand_in(content: bytes, dataset: str = "reviews", **more: Any) -> UploadedFile:
        values = {"store_id": shop.id, "profile": "", "mode": "whole", "options": Options(), **more}
        upload_id, job = receive_upload(content=content, filename="a.csv", dataset=dataset, **values)
        run_job_now(job.id)
        return UploadedFile.objects.get(pk=upload_id)

    return hand_in
