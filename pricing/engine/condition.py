"""In which state goods are sold, whatever a platform calls it: new is never compared with used or renewed."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Condition(StrEnum):
    """The states that are compared only with themselves."""

    NEW = "new"
    REFURBISHED = "refurbished"
    USED = "used"
    COLLECTIBLE = "collectible"
    UNKNOWN = "unknown"


# The more telling word first: "used - like new" and "renewed" both contain "new".
_WORDS = (
    (
        Condition.REFURBISHED,
        ("refurb", "renewed", "reacondicionado", "整備済", "再生品", "翻新", "recertified"),
    ),
    (Condition.COLLECTIBLE, ("collectible", "コレクター", "coleccionable")),
    (
        Condition.USED,
        ("used", "open box", "open_box", "usado", "中古", "二手", "like new", "like_new", "club"),
    ),
    (Condition.NEW, ("new", "nuevo", "新品", "全新")),
)
# Numbers by which Amazon's flat files name conditions: 1 to 8 used and collectible, 10 refurbished, 11 new.
_NUMBERS = {
    **{str(n): Condition.USED for n in range(1, 5)},
    **{str(n): Condition.COLLECTIBLE for n in range(5, 9)},
    "10": Condition.REFURBISHED,
    "11": Condition.NEW,
}


@lru_cache(maxsize=512)
def condition_of(text: str) -> Condition:
    """The state that a platform's word or number means; UNKNOWN for a blank or strange one."""
    word = text.strip().casefold()
    if word in _NUMBERS:
        return _NUMBERS[word]
    return next(
        (condition for condition, marks in _WORDS if any(mark in word for mark in marks)), Condition.UNKNOWN
    )
