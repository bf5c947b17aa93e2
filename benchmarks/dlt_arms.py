"""The peer of the ingest benchmark: dlt loading the same files into PostgreSQL, by its own documented means.

Importing this module needs the packages of requirements/bench.txt.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
# What dlt documents for speed: CSV, which its PostgreSQL destination loads by COPY, and parallel stages.
os.environ["NORMALIZE__WORKERS"] = os.environ["LOAD__WORKERS"] = "2"

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connections
from pyarrow import csv

from benchmarks.orders_file import OrdersFile

DATASET = "dlt_peer"
# A subset of the product's columns by the product's names; both sides are compared on these.
COLUMNS = (
    "platform_order_id", "line_no", "sku", "product_id", "ordered_at", "business_on", "status", "channel",
    "quantity", "currency", "gross_amount", "tax_amount", "discount_amount", "is_business",
    "source_updated_at",
)  # fmt: skip
_MONEY = {"data_type": "decimal", "precision": 18, "scale": 4}
_HINTS: dict[str, Any] = {
    "gross_amount": _MONEY,
    "tax_amount": _MONEY,
    "discount_amount": _MONEY,
    "business_on": {"data_type": "date"},
    "ordered_at": {"data_type": "timestamp"},
    "source_updated_at": {"data_type": "timestamp"},
}
_ZONE = "America/Los_Angeles"
_CHANNELS = {"Amazon": "platform"}
_DECIMAL = pa.decimal128(18, 4)
_KEY = ("platform_order_id", "line_no")


class DltArms:
    """Two pipelines: one upserts rows or Arrow tables by key, the other appends Arrow tables."""

    columns = COLUMNS
    tables = tuple(f"{DATASET}.{name}" for name in ("merged", "merged_rows", "appended"))

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dlt-")
        self._merging = self._pipeline("merging")
        self._appending = self._pipeline("appending")

    def close(self) -> None:
        """Remove the pipelines' working files."""
        self._folder.cleanup()

    def merge(self, file: OrdersFile, strategy: str = "upsert") -> Callable[[], None]:
        """Read the file with pyarrow, and merge by key."""

        def arm() -> None:
            self._run(
                self._merging,
                _arrow_table(file),
                table_name="merged",
                write_disposition={"disposition": "merge", "strategy": strategy},
                primary_key=_KEY,
            )

        return arm

    def merge_rows(self, file: OrdersFile, strategy: str = "upsert") -> Callable[[], None]:
        """Read the file as typed Python rows, dlt's usual way, and merge by key."""

        def arm() -> None:
            self._run(
                self._merging,
                _rows(file),
                table_name="merged_rows",
                write_disposition={"disposition": "merge", "strategy": strategy},
                primary_key=_KEY,
                columns=_HINTS,
            )

        return arm

    def append(self, file: OrdersFile) -> Callable[[], None]:
        """Read the file with pyarrow, and append: no key is looked at."""

        def arm() -> None:
            self._run(self._appending, _arrow_table(file), table_name="appended", write_disposition="append")

        return arm

    def _pipeline(self, name: str) -> Any:
        return dlt.pipeline(
            name,
            pipelines_dir=self._folder.name,
            destination=dlt.destinations.postgres(_address()),
            dataset_name=DATASET,
        )

    @staticmethod
    def _run(pipeline: Any, data: Any, **options: Any) -> None:
        pipeline.run(data, loader_file_format="csv", **options).raise_on_failed_jobs()


def _address() -> str:
    """The benchmark's database as a URL; the host may be the folder of a socket."""
    owner = connections.settings["owner"]
    user, password = quote(owner["USER"], safe=""), quote(owner["PASSWORD"] or "unused", safe="")
    where = urlencode({"host": owner["HOST"] or "localhost", "port": owner["PORT"] or 5432})
    return f"postgresql://{user}:{password}@localhost/{owner['NAME']}?{where}"


def _rows(file: OrdersFile) -> Iterator[dict[str, Any]]:
    """Map the lines as a dlt resource would: one typed dictionary each."""
    header, *lines = file.data.decode().split("\n")
    names, zone = header.split("\t"), ZoneInfo(_ZONE)
    for line in lines:
        if not line:
            continue
        row = dict(zip(names, line.split("\t"), strict=True))
        bought, tax = datetime.fromisoformat(row["purchase-date"]), Decimal(row["item-tax"] or 0)
        yield {
            "platform_order_id": row["amazon-order-id"],
            "line_no": row["sku"],
            "sku": row["sku"],
            "product_id": row["asin"],
            "ordered_at": bought,
            "business_on": bought.astimezone(zone).date(),
            "status": row["order-status"].lower(),
            "channel": _CHANNELS.get(row["fulfillment-channel"], "merchant"),
            "quantity": 0 if row["order-status"] == "Cancelled" else int(row["quantity"]),
            "currency": row["currency"],
            "gross_amount": Decimal(row["item-price"]) + tax,
            "tax_amount": tax,
            "discount_amount": Decimal(row["item-promotion-discount"] or 0),
            "is_business": row["is-business-order"] == "true",
            "source_updated_at": datetime.fromisoformat(row["last-updated-date"]),
        }


def _arrow_table(file: OrdersFile) -> pa.Table:
    """Map the file column by column."""
    instant = pa.timestamp("us", "UTC")
    raw = csv.read_csv(
        io.BytesIO(file.data),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            include_columns=[
                "amazon-order-id", "purchase-date", "last-updated-date", "order-status",
                "fulfillment-channel", "sku", "asin", "quantity", "currency", "item-price", "item-tax",
                "item-promotion-discount", "is-business-order",
            ],
            column_types={
                "purchase-date": instant,
                "last-updated-date": instant,
                "item-price": _DECIMAL,
                "item-tax": _DECIMAL,
                "item-promotion-discount": _DECIMAL,
                "quantity": pa.int32(),
                "is-business-order": pa.bool_(),
            },
        ),
    )  # fmt: skip
    zero = pa.scalar(Decimal(0), _DECIMAL)
    bought, tax = raw["purchase-date"], pc.fill_null(raw["item-tax"], zero)
    cancelled = pc.equal(raw["order-status"], "Cancelled")
    columns = {
        "platform_order_id": raw["amazon-order-id"],
        "line_no": raw["sku"],
        "sku": raw["sku"],
        "product_id": raw["asin"],
        "ordered_at": bought,
        "business_on": pc.cast(pc.local_timestamp(pc.cast(bought, pa.timestamp("us", _ZONE))), pa.date32()),
        "status": pc.utf8_lower(raw["order-status"]),
        "channel": pc.if_else(pc.equal(raw["fulfillment-channel"], "Amazon"), "platform", "merchant"),
        "quantity": pc.if_else(cancelled, pa.scalar(0, pa.int32()), raw["quantity"]),
        "currency": raw["currency"],
        "gross_amount": pc.cast(pc.add(raw["item-price"], tax), _DECIMAL),
        "tax_amount": tax,
        "discount_amount": pc.fill_null(raw["item-promotion-discount"], zero),
        "is_business": raw["is-business-order"],
        "source_updated_at": raw["last-updated-date"],
    }
    return pa.table(columns)
