"""Finds by when a platform wants an answer, in the words of English, Chinese, Japanese and Spanish mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.lib.calendars import business_day, day_bounds, zone

_DAY = timedelta(days=1)
_FURTHEST = timedelta(days=400)
# A number of days counts only in a sentence that asks for something: "your rate within 60 days" does not.
_ASKS = re.compile(
    r"respon|repl|submit|appeal|provide|send|contact|action|plan|complete|dispute|deadline|due|verif|upload"
    r"|提交|提供|回复|回覆|申诉|申訴|申辩|联系|上传|整改|处理|截止|答复|补充"
    r"|提出|返信|回答|ご連絡|対応|改善|期限|手続|申し立て|アップロード"
    r"|envi|present|apel|proporcion|contest|plazo|adjunt|complet|reclam",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[^.!?。！？\n]+(?:[.](?=\S)[^.!?。！？\n]+)*")
_HOURS, _DAYS, _WORKING = "hours", "days", "working days"
_RELATIVE: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = (
    (
        re.compile(
            r"(?:within|in|you have)\s+(?:the\s+)?(?:next\s+)?(?P<n>\d{1,3})\s*(?:\(\d+\)\s*)?"
            r"(?P<unit>hours?|business\s+days?|working\s+days?|(?:calendar\s+)?days?)\b",
            re.IGNORECASE,
        ),
        {"hour": _HOURS, "business": _WORKING, "working": _WORKING, "day": _DAYS, "calendar": _DAYS},
    ),
    (
        re.compile(
            r"(?P<n>\d{1,3})\s*(?P<unit>[个個]?小[时時]|[个個]?工作[日天]|[天日])\s*(?:之?[内內]|以[内內])"
        ),
        {"小": _HOURS, "工": _WORKING, "天": _DAYS, "日": _DAYS},
    ),
    (
        re.compile(r"(?P<n>\d{1,3})\s*(?P<unit>時間|営業日|日間?)\s*以内"),
        {"時": _HOURS, "営": _WORKING, "日": _DAYS},
    ),
    (
        re.compile(
            r"(?:dentro de|en un plazo de|en los? próxim[oa]s|en las próximas|tienes?|tiene)\s+"
            r"(?:l[ao]s\s+)?(?:próxim[oa]s\s+)?(?P<n>\d{1,3})\s*(?P<unit>horas?|días?\s+hábiles|días?)",
            re.IGNORECASE,
        ),
        {"hora": _HOURS, "hábiles": _WORKING, "día": _DAYS},
    ),
)
_EN = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_ES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre"),
    *("noviembre", "diciembre"),
)
_NAMES = {
    name[:size]: n for names in (_EN, _ES) for n, name in enumerate(names, 1) for size in (3, len(name))
}
_MONTH = r"(?P<month>[A-Za-z]{3,10})\.?"
_BEFORE = r"(?:by|before|until|no later than|due(?: date)?(?: is|:)?|deadline(?: is|:)?|on or before)"
_LATEST = r"(?:antes del?|a más tardar el?|hasta el|fecha límite:?)"
_ABSOLUTE = (
    re.compile(rf"{_BEFORE}\s+{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>20\d\d))?", re.I),
    re.compile(rf"{_BEFORE}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+(?P<year>20\d\d))?", re.I),
    re.compile(rf"(?:{_BEFORE}|{_LATEST})\s+(?P<year>20\d\d)-(?P<number>\d\d)-(?P<day>\d\d)", re.I),
    re.compile(rf"{_LATEST}\s+(?P<day>\d{{1,2}})\s+de\s+{_MONTH}(?:\s+(?:de|del)\s+(?P<year>20\d\d))?", re.I),
    re.compile(
        r"(?:(?P<year>20\d\d)\s*[年/-])?\s*(?P<number>\d{1,2})\s*[月/-]\s*(?P<day>\d{1,2})\s*日?"
        r"\s*(?:[(（][^)）]{1,3}[)）])?\s*(?P<clock>\d{1,2}:\d\d)?\s*(?:之?前|まで|以前|截止)"
    ),
)
_CLOCK = re.compile(
    r"^[,\s]*(?:at\s+|a las\s+)?(?P<clock>\d{1,2}:\d\d)\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>[A-Z]{3,4})?",
    re.I,
)
# Whether the day itself still counts is disputed for these words: the earlier reading is the safe one.
_STRICTLY = re.compile(r"^before|^antes|(?<!以)前$", re.IGNORECASE)
# CST is China's and Chicago's time: it is not read, the store's own zone counts.
_ZONES = {"UTC": "UTC", "GMT": "UTC", "JST": "Asia/Tokyo"}
_OFFSETS = {"PST": timedelta(hours=-8), "PDT": timedelta(hours=-7)}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as a mail puts it: the instant, the words it was read from, and how they were read."""

    at: datetime
    phrase: str
    rule: str


def find_deadlines(text: str, *, counted_from: datetime, time_zone: str) -> list[Deadline]:
    """Return every deadline that the text names, the earliest first.

    A number of days ends that much later to the minute, working days are Monday to Friday (no holidays are
    known, so the true end may be later, never earlier); a day ends with the day in `time_zone`, and "before"
    it means before it begins.
    """
    found: dict[datetime, Deadline] = {}
    for sentence in _SENTENCES.findall(text):
        if not _ASKS.search(sentence):
            continue
        for each in (*_relative(sentence, counted_from), *_absolute(sentence, counted_from, time_zone)):
            if counted_from - 30 * _DAY <= each.at <= counted_from + _FURTHEST:
                found.setdefault(each.at, each)
    return [found[at] for at in sorted(found)]


def _relative(sentence: str, counted_from: datetime) -> Iterator[Deadline]:
    for pattern, units in _RELATIVE:
        for match in pattern.finditer(sentence):
            told = match["unit"].lower()
            unit = next(meant for word, meant in units.items() if word in told)
            number = int(match["n"])
            if number == 0:
                continue
            at = _after(counted_from, number, unit)
            yield Deadline(at, match[0].strip(), f"{number} {unit} after the message")


def _after(start: datetime, number: int, unit: str) -> datetime:
    if unit == _HOURS:
        return start + timedelta(hours=number)
    if unit == _DAYS:
        return start + timedelta(days=number)
    at = start
    while number:
        at += _DAY
        number -= at.weekday() < 5
    return at


def _absolute(sentence: str, counted_from: datetime, time_zone: str) -> Iterator[Deadline]:
    for pattern in _ABSOLUTE:
        for match in pattern.finditer(sentence):
            parts = match.groupdict()
            month = int(parts["number"]) if parts.get("number") else _month(parts.get("month") or "")
            day = _day(parts.get("year"), month, int(parts["day"]), business_day(counted_from, time_zone))
            if day is None:
                continue
            is_before = bool(_STRICTLY.search(match[0]))
            at, rule = _instant(day, parts.get("clock"), sentence[match.end() :], time_zone, is_before)
            yield Deadline(at, match[0].strip(), rule)


def _month(name: str) -> int:
    lowered = name.lower()
    return _NAMES.get(lowered) or (_NAMES.get(lowered[:3], 0) if lowered.startswith("sept") else 0)


def _day(year: str | None, month: int, day: int, today: date) -> date | None:
    """The day meant; without a year the next such day, or one of the last month (a mail read late)."""
    try:
        if year:
            return date(int(year), month, day)
        found = date(today.year, month, day)
        return found if found >= today - 30 * _DAY else date(today.year + 1, month, day)
    except ValueError:
        return None


def _instant(
    day: date, clock: str | None, rest: str, time_zone: str, is_before: bool
) -> tuple[datetime, str]:
    match = _CLOCK.match(rest)
    told, half, named = clock, "", ""
    if told is None and match:
        told, half, named = match["clock"], (match["half"] or "").lower(), (match["zone"] or "").upper()
    moment = _time(told, half) if told else None
    if moment is None:
        begin, end = day_bounds(day, time_zone)
        side = "beginning" if is_before else "end"
        return begin if is_before else end, f"the {side} of {day} in {time_zone}"
    if named in _OFFSETS:
        at = datetime.combine(day, moment, zone("UTC")) - _OFFSETS[named]
        return at, f"{day} {moment:%H:%M} {named}"
    place = _ZONES.get(named, time_zone)
    return datetime.combine(day, moment, zone(place)), f"{day} {moment:%H:%M} in {place}"


def _time(told: str, half: str) -> time | None:
    hours, minutes = (int(part) for part in told.split(":"))
    if half.startswith("p") and hours < 12:
        hours += 12
    elif half.startswith("a") and hours == 12:
        hours = 0
    return time(hours, minutes) if hours < 24 and minutes < 60 else None
