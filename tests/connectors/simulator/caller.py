"""A tiny client of the simulator for its tests: knows Amazon's calls, shares nothing with the product."""

from __future__ import annotations

import csv
import gzip
import io
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.simulator.world.model import Store

ADS_TYPE = "application/vnd.createasyncreportrequest.v3+json"
SUMMARY = "/products/pricing/2022-05-01/items/competitiveSummary"


class Caller:
    """Calls as one store's seller; tokens are bought on first use."""

    def __init__(self, base_url: str, store: Store) -> None:
        self.http = httpx.Client(base_url=base_url, headers={"user-agent": "tests/1"}, timeout=10)
        self.store = store
        self.marketplace = store.market.marketplace_id
        self._tokens: dict[str, str] = {}

    def login(self, api: str = "sp", **changes: str) -> httpx.Response:
        """Ask for an access token; `changes` replace form fields (an empty one is left out)."""
        account, region = self.store.account, self.store.market.region
        tokens = account.refresh_tokens if api == "sp" else account.ads_refresh_tokens
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens[region],
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            **changes,
        }
        return self.http.post("/auth/o2/token", data={name: value for name, value in form.items() if value})

    def headers(self, api: str = "sp") -> dict[str, str]:
        """The headers of an authorised call."""
        if api not in self._tokens:
            self._tokens[api] = self.login(api).json()["access_token"]
        if api == "sp":
            return {"x-amz-access-token": self._tokens[api]}
        return {
            "authorization": f"Bearer {self._tokens[api]}",
            "amazon-advertising-api-clientid": self.store.account.client_id,
            "amazon-advertising-api-scope": self.store.profile_id,
        }

    def forget(self) -> None:
        """Drop the access tokens."""
        self._tokens.clear()

    def get(self, path: str, **query: Any) -> httpx.Response:
        """An authorised GET."""
        return self.http.get(path, params=query, headers=self.headers())

    def post(self, path: str, body: Any) -> httpx.Response:
        """An authorised POST of JSON."""
        return self.http.post(path, json=body, headers=self.headers())

    def pages(self, path: str, token_name: str, rows: str, **query: Any) -> list[Any]:
        """All rows of a paged list; the token stands in `payload` or `pagination` or the body itself."""
        found: list[Any] = []
        token = ""
        while True:
            answer = self.get(path, **query, **({token_name: token} if token else {}))
            assert answer.status_code == 200, answer.text
            body = json.loads(answer.text, parse_float=Decimal)
            inner = body.get("payload", body)
            found += inner[rows]
            token = inner.get("nextToken") or body.get("pagination", {}).get("nextToken", "")
            if not token:
                return found

    def order_report(self, kind: str, start: str = "", end: str = "", **options: str) -> str:
        """Order a report; returns its id."""
        body: dict[str, Any] = {"reportType": kind, "marketplaceIds": [self.marketplace]}
        if start:
            body |= {"dataStartTime": start, "dataEndTime": end}
        if options:
            body["reportOptions"] = options
        answer = self.post("/reports/2021-06-30/reports", body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["reportId"])

    def fetch(self, document_id: str) -> tuple[bytes, str]:
        """A document's bytes, unpacked, and its content type."""
        answer = self.get(f"/reports/2021-06-30/documents/{document_id}").json()
        parts = urlsplit(answer["url"])
        document = self.http.get(f"{parts.path}?{parts.query}")
        assert document.status_code == 200, document.text
        packed = answer.get("compressionAlgorithm") == "GZIP"
        return gzip.decompress(document.content) if packed else document.content, document.headers[
            "content-type"
        ]

    def report(self, kind: str, start: str = "", end: str = "", **options: str) -> bytes:
        """A finished report's bytes; b"" when it was cancelled for want of data."""
        job = self.get(f"/reports/2021-06-30/reports/{self.order_report(kind, start, end, **options)}").json()
        if job["processingStatus"] == "CANCELLED":
            return b""
        return self.fetch(job["reportDocumentId"])[0]

    def table(self, kind: str, start: str = "", end: str = "", **options: str) -> list[dict[str, str]]:
        """A finished flat file as rows."""
        return rows_of(self.report(kind, start, end, **options), self.store.market.code)

    def ads_report(self, start: str, end: str) -> httpx.Response:
        """Order an advertising report."""
        columns = (
            "date campaignId adGroupId advertisedAsin advertisedSku impressions clicks cost sales7d sales14d"
        )
        columns += " purchases7d unitsSoldClicks7d campaignBudgetCurrencyCode"
        body = {
            "name": "test",
            "startDate": start,
            "endDate": end,
            "configuration": {
                "adProduct": "SPONSORED_PRODUCTS",
                "groupBy": ["advertiser"],
                "columns": columns.split(),
                "reportTypeId": "spAdvertisedProduct",
                "timeUnit": "DAILY",
                "format": "GZIP_JSON",
            },
        }
        headers = {**self.headers("ads"), "content-type": ADS_TYPE}
        return self.http.post("/reporting/reports", content=json.dumps(body), headers=headers)

    def ads_rows(self, start: str, end: str) -> list[dict[str, Any]]:
        """The rows of a finished advertising report."""
        job = self.ads_report(start, end).json()
        done = self.http.get(f"/reporting/reports/{job['reportId']}", headers=self.headers("ads")).json()
        parts = urlsplit(done["url"])
        packed = self.http.get(f"{parts.path}?{parts.query}").content
        rows: list[dict[str, Any]] = json.loads(gzip.decompress(packed), parse_float=Decimal)
        return rows


def rows_of(body: bytes, market: str = "US") -> list[dict[str, str]]:
    """A tab-separated file as rows."""
    text = body.decode("cp932" if market == "JP" else "cp1252")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
