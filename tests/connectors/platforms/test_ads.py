"""Advertising days come from an asynchronous report in the profile's own time zone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.engine.protocol import Action, Page, Response
from connectors.platforms.amazon_ads.errors import classify
from connectors.platforms.common.problems import AccountIncomplete, ProfileMissing, ReportFailed, ReportStuck
from connectors.registry import get_spec
from tests.connectors.platforms.files import ADS
from tests.connectors.platforms.stage import NOW, PROFILE, Amazon, context, everything, pages_of

DUPLICATE = "3b1f2c4d-0000-4000-8000-0123456789ab"


def run(amazon: Amazon, where: Any = None, cursor: dict[str, Any] | None = None) -> list[Page]:
    """All pages of the ads stream."""
    stream = "sp_advertised_product"
    return list(pages_of(stream, amazon, where or context(backfill_days=20), cursor, platform="amazon_ads"))


def test_a_report_of_days() -> None:
    """Profile, request, checkpoint, polling, download; two ads of one product are one row."""
    amazon = Amazon(documents={"ads": ADS}, polls=2)
    pages = run(amazon)
    [record] = everything(pages)
    assert (record.cost_amount, record.sales_7d_amount, record.sales_14d_amount) == (
        Decimal("6.2"), Decimal("40.0"), Decimal("80.0"),
    )  # fmt: skip
    assert (record.clicks, record.orders_7d, record.units_7d, record.impressions) == (8, 2, 2, 200)
    assert (record.campaign_id, record.profile_id, record.sku) == ("11", PROFILE, "CUP-1")
    create = next(request for request in amazon.asked if request.operation == "createAsyncReport")
    assert create.headers["content-type"] == "application/vnd.createasyncreportrequest.v3+json"
    assert (create.json["startDate"], create.json["endDate"]) == ("2026-11-01", "2026-11-20")
    assert (pages[-1].covered_from, pages[-1].covered_through) == (date(2026, 11, 1), date(2026, 11, 20))


def test_windows_of_a_month_and_thirty_days_read_again() -> None:
    """The first sync takes several reports; the next day reads the trailing thirty days in one."""
    amazon = Amazon(documents={"ads": ADS})
    pages = run(amazon, context(backfill_days=400))
    bodies = [request.json for request in amazon.asked if request.operation == "createAsyncReport"]
    assert bodies[0]["startDate"] == "2026-08-19"
    for body in bodies:
        assert date.fromisoformat(body["endDate"]) - date.fromisoformat(body["startDate"]) <= timedelta(
            days=30
        )
    later = Amazon(documents={"ads": ADS})
    run(later, context(now=NOW + timedelta(days=1)), dict(pages[-1].cursor))
    [body] = [request.json for request in later.asked if request.operation == "createAsyncReport"]
    assert (body["startDate"], body["endDate"]) == ("2026-10-22", "2026-11-21")


def test_a_report_asked_for_twice_is_taken_over() -> None:
    """425 names the report that is being made already; that one is polled."""
    body = f'{{"code":"425","detail":"The Request is a duplicate of : {DUPLICATE}"}}'.encode()
    amazon = Amazon(documents={"ads": ADS}, answers={"createAsyncReport": [Response(425, {}, body)]})
    pages = run(amazon)
    assert pages[0].cursor["report"]["id"] == DUPLICATE
    assert len(everything(pages)) == 1
    assert classify(425, {}, body, "createAsyncReport").action is Action.SKIP
    unnamed = Amazon(answers={"createAsyncReport": [Response(204, {}, b"")]})
    with pytest.raises(ReportStuck):
        run(unnamed)


def test_a_restart_polls_the_same_report() -> None:
    """The id was kept before anything else."""
    amazon = Amazon(documents={"ads": ADS})
    whole = run(amazon)
    again = Amazon(documents={"ads": ADS})
    assert everything(run(again, cursor=dict(whole[0].cursor))) == everything(whole)
    assert again.count("createAsyncReport") == 0


def test_a_failed_report_says_why() -> None:
    """And its id is forgotten."""
    amazon = Amazon(outcome="FATAL")
    with pytest.raises(ReportFailed, match="no such column"):
        run(amazon)


def test_a_report_without_rows_is_empty() -> None:
    """Not the same as zero spend."""
    assert run(Amazon(documents={"ads": "[]"}))[-1].empty


def test_an_unreadable_row_is_set_apart() -> None:
    """A row without its cost is rejected, not counted as free."""
    page = run(Amazon(documents={"ads": '[{"date": "2026-11-19", "campaignId": 1, "adGroupId": 2}]'}))[-1]
    assert page.rejected[0].reason == "no 'cost'"


def test_the_profile_must_be_open() -> None:
    """A wrong or missing profile id is told, not worked around."""
    with pytest.raises(ProfileMissing):
        run(Amazon(), context(account={"profile_id": "999"}))
    with pytest.raises(AccountIncomplete):
        run(Amazon(), context(account={}))


def test_calls_carry_token_application_and_profile() -> None:
    """The three headers of Amazon Ads."""
    headers = get_spec("amazon_ads").auth.headers("tok", {"client_id": "app"}, {"profile_id": "7"})
    assert headers["Authorization"] == "Bearer tok"
    assert headers["Amazon-Advertising-API-ClientId"] == "app"
    assert headers["Amazon-Advertising-API-Scope"] == "7"


@pytest.mark.parametrize(
    ("status", "operation", "action"),
    [
        (401, "listProfiles", Action.REFRESH),
        (403, "listProfiles", Action.FIX_CONFIG),
        (404, "getAsyncReport", Action.SKIP),
        (404, "listProfiles", Action.FAIL),
        (400, "createAsyncReport", Action.FAIL),
        (429, "createAsyncReport", Action.WAIT),
        (500, "createAsyncReport", Action.RETRY),
        (403, "document", Action.RETRY),
        (404, "document", Action.FAIL),
        (400, "lwa.token", Action.FAIL),
    ],
)
def test_refusals_of_amazon_ads(status: int, operation: str, action: Action) -> None:
    """What each status asks us to do."""
    assert classify(status, {"retry-after": "7"}, b"<html>", operation).action is action
