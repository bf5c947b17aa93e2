"""What the demo does, step by step, through the HTTP API: clients, people, credentials, costs, syncs."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from alerts.demo.api import API, DemoFailed
from alerts.demo.cast import PASSWORD, TEMPLATES, logins_of
from connectors.registry import get_spec
from connectors.types import CostLine
from tenants.services.people import set_password

Say = Callable[[str], None]
SYNC_KIND = "connectors.sync_stream"
_POLL_SECONDS = 0.1
# Looking takes time from the syncs; towards the end it is looked closely.
_LOOK_SECONDS = 1.0
_CLOSE_LOOK_SECONDS = 0.25
_FEW = 10
_PATIENCE_SECONDS = 240.0
_UNFINISHED = ("queued", "running", "waiting")


def await_rates(api: API, job_id: int) -> None:
    """Wait until the reference rates are known, without which costs in other currencies are not."""
    _until(lambda: api.get(f"/jobs/{job_id}")["state"] == "succeeded", "the exchange rates")


def request_clients(api: API, accounts: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Ask for the clients that are not there yet; returns the job that provisions each of them."""
    known = {client["slug"] for client in api.every("/clients")}
    return {
        account["key"]: api.post(
            "/clients", {"slug": account["key"], "name": account["name"], "reporting_currency": "USD"}
        )["id"]
        for account in accounts
        if account["key"] not in known
    }


def await_client(api: API, slug: str, job_id: int) -> None:
    """Wait until a client is provisioned, and admit its people."""
    _until(lambda: api.get(f"/jobs/{job_id}")["state"] == "succeeded", f"client {slug} to be provisioned")
    for login in logins_of(slug):
        api.post(f"/clients/{slug}/members", {"email": login.email, "role": login.role})
        set_password(email=login.email, password=PASSWORD)


def connect_stores(api: API, account: dict[str, Any]) -> list[dict[str, Any]]:
    """Store the credentials and attach the stores behind them; what is there already stays.

    Returns the stores of the account's own platform, not those that are fed by files.
    """
    base = f"/clients/{account['key']}"
    stores = {store["marketplace_id"]: store for store in api.every(f"{base}/stores")}
    for connection in sorted(account["connections"], key=lambda one: str(one["platform"]), reverse=True):
        is_ads = connection["platform"] == "amazon_ads"
        missing = [
            store
            for store in connection["stores"]
            if store["marketplace_id"] not in stores
            or (is_ads and stores[store["marketplace_id"]]["ads_connection_id"] is None)
        ]
        if missing:
            stored = api.post(
                f"{base}/connections",
                {
                    "platform": connection["platform"],
                    "name": _connection_name(connection),
                    "account": connection["account"],
                    "credential": connection["credential"],
                },
            )
        for store in missing:
            place = store["marketplace_id"]
            attached = (
                {"store_id": stores[place]["id"]}
                if is_ads
                else {"marketplace_id": place, "name": store["name"]}
            )
            stores[place] = api.post(f"{base}/connections/{stored['id']}/stores", attached)
    return [store for store in api.every(f"{base}/stores") if store["marketplace_id"] in stores_of(account)]


def stores_of(account: dict[str, Any]) -> set[str]:
    """The marketplaces on which an account of the simulated platform sells."""
    return {store["marketplace_id"] for each in account["connections"] for store in each["stores"]}


def upload_costs(api: API, client: str, rows: Iterable[dict[str, str]]) -> int:
    """Upload the client's landed costs as a CSV file; returns how many sheets it held."""
    sheets: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in rows:
        key = (row["sku"], row["market"], row["effective_on"])
        sheet = sheets.setdefault(key, dict(zip(("sku", "market", "effective_on"), key, strict=True)))
        sheet.setdefault("currency", row["currency"])
        sheet[row["line"]] = row["amount"]
        sheet[f"{row['line']}_currency"] = row["currency"]
    lines = sorted({name for sheet in sheets.values() for name in sheet if name in set(CostLine)})
    columns = ["sku", "market", "effective_on", "currency"]
    columns += [name for line in lines for name in (line, f"{line}_currency")]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(sheets.values())
    api.post_csv(f"/clients/{client}/cost-sheets/uploads", text.getvalue(), {"filename": "landed-costs.csv"})
    return len(sheets)


def start_syncs(api: API, stores: dict[str, list[dict[str, Any]]]) -> dict[str, set[int]]:
    """Start every stream of every store of every client; returns the ids of each client's jobs.

    Stream by stream: the pages of one store are stored one at a time, those of different stores together.
    """
    offered = {key for platform in ("amazon_sp", "amazon_ads") for key in get_spec(platform).streams}
    wanted = [
        (place, client, store["id"], stream["stream"])
        for client, found in stores.items()
        for store in found
        for place, stream in enumerate(store["streams"])
        # What was handed in as a file has its freshness too, but nothing to sync.
        if stream["stream"] in offered
    ]
    started: dict[str, set[int]] = {client: set() for client in stores}
    for _, client, store_id, stream in sorted(wanted, key=lambda one: one[0]):
        job = api.post(f"/clients/{client}/stores/{store_id}/syncs", {"stream": stream})
        started[client].add(job["id"])
    return started


def await_syncs(api: API, started: dict[str, set[int]], say: Say) -> None:
    """Tell how far each client's syncs are until all have finished; DemoFailed when one fails."""
    told: dict[str, int] = {}
    end = time.monotonic() + _PATIENCE_SECONDS
    while any(told.get(client) != len(wanted) for client, wanted in started.items()):
        for client, wanted in started.items():
            if told.get(client) == len(wanted):
                continue
            done = _finished(api, client, wanted)
            if done != told.get(client):
                told[client] = done
                say(f"{client}: {done} of {len(wanted)} streams synced")
        if time.monotonic() > end:
            raise DemoFailed("The streams were not synced in time; see the worker's log.")
        left = sum(len(wanted) - told[client] for client, wanted in started.items())
        time.sleep(_CLOSE_LOOK_SECONDS if left <= _FEW else _LOOK_SECONDS)


def _finished(api: API, client: str, wanted: set[int]) -> int:
    jobs = api.every(f"/clients/{client}/jobs", {"kind": SYNC_KIND})
    finished = [job for job in jobs if job["id"] in wanted and job["state"] not in _UNFINISHED]
    for job in finished:
        if job["state"] != "succeeded":
            raise DemoFailed(f"{client}: sync job {job['id']} {job['state']}: {job['problem']}")
    return len(finished)


def apply_templates(api: API, client: str, stores: list[dict[str, Any]], since: date) -> None:
    """Give each store its market's template from `since` on, now that there is history for the baselines."""
    for store in stores:
        base = f"/clients/{client}/stores/{store['id']}"
        if not api.get(f"{base}/targets", {"on": since.isoformat()})["data"]:
            body = {
                "template": TEMPLATES[store["market"]],
                "owner": "Demo account manager",
                "effective_on": since.isoformat(),
            }
            api.post(f"{base}/template", body)


def await_measures(api: API, client: str) -> None:
    """Wait until no roll-up of the client is under way and every event has been heard."""

    def quiet() -> bool:
        jobs = api.every(f"/clients/{client}/jobs", {"kind": "kpis.roll_up_dirty_days"})
        return bool(jobs) and all(job["state"] not in _UNFINISHED for job in jobs)

    _until(quiet, f"{client}'s measures")


def await_job(api: API, client: str, job_id: int, what: str) -> dict[str, Any]:
    """Wait until a job of a client is done; its result."""
    found: dict[str, Any] = {}

    def is_done() -> bool:
        found.update(api.get(f"/clients/{client}/jobs/{job_id}"))
        return found["state"] not in _UNFINISHED

    _until(is_done, what)
    if found["state"] != "succeeded":
        raise DemoFailed(f"{client}: job {job_id} for {what} {found['state']}: {found['problem']}")
    return found


def _until(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        if time.monotonic() > end:
            raise DemoFailed(f"Waited too long for {what}.")
        time.sleep(_POLL_SECONDS)


def _connection_name(connection: dict[str, Any]) -> str:
    place = "/".join(store["market"] for store in connection["stores"])
    return f"{'Amazon Ads' if connection['platform'] == 'amazon_ads' else 'Amazon'} {place}"
