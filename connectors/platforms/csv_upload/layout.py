"""How a layout is written down as JSON and read again: what a client saves as a profile of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.lib.errors import FieldError, Invalid
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset
from connectors.platforms.csv_upload.profile import SHOP_TIME, Column, Profile
from connectors.platforms.csv_upload.reading.delimited import DELIMITERS
from connectors.platforms.csv_upload.reading.encodings import ENCODINGS
from connectors.platforms.csv_upload.values import Days, Decimals

_KEY = re.compile(r"[a-z][a-z0-9_]{2,47}")
_MAX_NAME = 200


def layout_of(profile: Profile) -> dict[str, Any]:
    """The layout of a profile as JSON."""
    return {
        "columns": {
            name: {"names": list(column.names), "scale": str(column.scale), "absolute": column.absolute}
            for name, column in profile.columns.items()
        },
        "constants": dict(profile.constants),
        "words": {name: dict(words) for name, words in profile.words.items()},
        "carry": list(profile.carry),
        "carry_within": profile.carry_within,
        "skip_without": list(profile.skip_without),
        "personal": list(profile.personal),
        "decimals": profile.decimals.value,
        "days": profile.days.value,
        "time_zone": profile.time_zone,
        "encoding": profile.encoding,
        "delimiter": profile.delimiter,
        "sheet": profile.sheet,
    }


def read_profile(*, key: str, version: int, title: str, dataset: str, layout: Mapping[str, Any]) -> Profile:
    """Make a profile of a layout; `Invalid` names everything that is wrong with it at once."""
    faults: list[FieldError] = []
    if not _KEY.fullmatch(key):
        faults.append(FieldError("/key", "3 to 48 of a-z, 0-9 and _, beginning with a letter.", "invalid"))
    known = DATASETS.get(dataset)
    if known is None:
        faults.append(FieldError("/dataset", f"Unknown; known are: {', '.join(DATASETS)}.", "unknown"))
        raise Invalid(errors=faults)
    columns = _columns(layout.get("columns") or {}, known, faults)
    constants = {name: str(value) for name, value in (layout.get("constants") or {}).items()}
    words = {
        name: {str(key): str(word) for key, word in (table or {}).items()}
        for name, table in (layout.get("words") or {}).items()
    }
    lists = {name: tuple(layout.get(name) or ()) for name in ("carry", "skip_without")}
    within = layout.get("carry_within") or ""
    for pointer, names in (
        ("constants", constants),
        ("words", words),
        *lists.items(),
        ("carry_within", (within,) if within else ()),
    ):
        faults += _unknown(pointer, names, known)
    given = {*columns, *constants}
    faults += [
        FieldError(f"/layout/columns/{each.name}", "This field is required.", "required")
        for each in known.fields
        if each.required and each.name not in given
    ]
    decimals = _one_of("decimals", layout.get("decimals") or "point", tuple(Decimals), faults)
    days = _one_of("days", layout.get("days") or "ymd", tuple(Days), faults)
    encoding = _one_of("encoding", layout.get("encoding") or "", ("", *ENCODINGS), faults)
    delimiter = _one_of("delimiter", layout.get("delimiter") or "", ("", *DELIMITERS), faults)
    zone = layout.get("time_zone") or SHOP_TIME
    if not _is_zone(zone):
        faults.append(FieldError("/layout/time_zone", "shop or an IANA zone like Asia/Tokyo.", "invalid"))
    if faults:
        raise Invalid(errors=faults)
    return Profile(
        key=key,
        title=title,
        dataset=dataset,
        version=version,
        source="The client's own",
        columns=columns,
        constants=constants,
        words=words,
        carry=lists["carry"],
        carry_within=within,
        skip_without=lists["skip_without"],
        personal=tuple(layout.get("personal") or ()),
        decimals=Decimals(decimals),
        days=Days(days),
        time_zone=zone,
        encoding=encoding,
        delimiter=delimiter,
        sheet=layout.get("sheet") or "",
    )


def _columns(given: Mapping[str, Any], dataset: Dataset, faults: list[FieldError]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    faults += _unknown("columns", given, dataset)
    for name, value in given.items():
        spec = value if isinstance(value, Mapping) else {"names": value}
        names = spec.get("names")
        names = [names] if isinstance(names, str) else names
        pointer = f"/layout/columns/{name}"
        if not isinstance(names, list | tuple) or not names or not all(_is_name(each) for each in names):
            faults.append(FieldError(pointer, "A column's name, or a list of alternatives.", "invalid"))
            continue
        try:
            scale = Decimal(str(spec.get("scale", "1")))
        except InvalidOperation:
            scale = Decimal("NaN")
        if not scale.is_finite():
            faults.append(FieldError(f"{pointer}/scale", "A number like 0.01 or -1.", "invalid"))
            continue
        columns[name] = Column(tuple(names), scale, bool(spec.get("absolute", False)))
    return columns


def _unknown(pointer: str, names: Any, dataset: Dataset) -> list[FieldError]:
    known = {each.name for each in dataset.fields}
    detail = f"{dataset.key} has no such field; it has: {', '.join(sorted(known))}."
    return [FieldError(f"/layout/{pointer}/{name}", detail, "unknown") for name in names if name not in known]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _MAX_NAME


def _is_zone(name: Any) -> bool:
    try:
        return name == SHOP_TIME or bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return False


def _one_of(name: str, value: Any, known: tuple[str, ...], faults: list[FieldError]) -> str:
    if value not in known:
        words = ", ".join(repr(str(each)) for each in known)
        faults.append(FieldError(f"/layout/{name}", f"One of {words}.", "unknown"))
        return known[0]
    return str(value)
