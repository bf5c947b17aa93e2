"""Do the profiles of Amazon's flat files name the columns that those files have?"""

from __future__ import annotations

import re
from functools import cache

import pytest

from connectors.platforms.csv_upload.profile import Profile, header_key
from connectors.platforms.csv_upload.profiles import amazon, guess_profiles
from tests.connectors.platforms.vendor import samples

pytestmark = pytest.mark.vendor
# What an upload adds: the day of the fee preview stands in no column.
ADDED = {"amazon_fee_preview": {"estimated_on"}}
# Columns of newer or Japanese files, beside those of the list.
OPTIONAL = {"amazon_all_orders": {"points_amount", "is_replacement"}}


@cache
def headers() -> dict[str, list[str]]:
    """The columns of each report, as public connectors list them."""
    text = samples("amazon-spapi", "flat-file-headers.md").read_text(encoding="utf-8")
    found = {}
    for name, rest in re.findall(r"^- (GET_[A-Z0-9_]+)[^:]*: (.+)$", text, re.MULTILINE):
        listed = re.sub(r"\([^)]*\)", "", rest.partition(". ")[0]).rstrip(". ")
        found[name] = [column.strip() for column in listed.split(",")]
    return found


@pytest.mark.parametrize("profile", amazon.PROFILES, ids=lambda each: each.key)
def test_a_profiles_columns_are_there(profile: Profile) -> None:
    """Every field of the profile finds a column in the report that its title names."""
    report = re.search(r"GET_[A-Z0-9_]+", profile.title)
    assert report is not None
    names = {header_key(name) for name in headers()[report.group()]}
    missing = {
        field for field, column in profile.columns.items() if not names & set(map(header_key, column.names))
    }
    assert missing <= ADDED.get(profile.key, set()) | OPTIONAL.get(profile.key, set())


@pytest.mark.parametrize("profile", amazon.PROFILES, ids=lambda each: each.key)
def test_a_report_is_recognised(profile: Profile) -> None:
    """Among all built-in layouts the report's own is the likeliest."""
    report = re.search(r"GET_[A-Z0-9_]+", profile.title)
    assert report is not None
    best = guess_profiles(headers()[report.group()], amazon.PROFILES)
    assert best[0].profile.key == profile.key
