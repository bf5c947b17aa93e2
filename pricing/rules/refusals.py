"""What nobody is helped with here, whatever the language it is asked in, and what is lawful instead.

Texts are matched after Unicode normalisation, without case, zero-width characters and the spaces that are put
between Chinese or Japanese characters to hide a word. A match is answered with the policy and an alternative.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from config.lib.errors import FieldError, Invalid, gettext_noop
from pricing.rules.refusal_texts import POLICIES

LANGUAGES = ("en", "zh-hans", "ja", "es")
DEFAULT_LANGUAGE = "en"

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_EAST_ASIAN = "\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f"
_HIDING = re.compile(f"(?<=[{_EAST_ASIAN}])[\\s._*·・-]+(?=[{_EAST_ASIAN}])")
_SPACE = re.compile(r"\s+")


class Refused(Invalid):
    """A text asks for something the agency does not do; the detail says what is done instead."""

    code = "refused"
    title = gettext_noop("This is against the agency's policy")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused (a topic of `TOPICS`), the policy and the lawful alternative in one language."""

    code: str
    message: str
    alternative: str


TOPICS: tuple[str, ...] = tuple(POLICIES)


def find_refusal(text: str, language: str = DEFAULT_LANGUAGE) -> Refusal | None:
    """Return the refusal that a text or the name of a topic meets, in `language` (en, zh-Hans, ja, es).

    An unknown language is answered in English. None: nothing in it is refused.
    """
    if text in POLICIES:
        return _told(text, language)
    plain = _plain(text)
    for code in POLICIES:
        if _pattern(code).search(plain):
            return _told(code, language)
    return None


def require_lawful(fields: Mapping[str, str], language: str = DEFAULT_LANGUAGE) -> None:
    """Raise `Refused` naming every free-text field (by JSON pointer) that asks for what is refused."""
    found = {pointer: find_refusal(text, language) for pointer, text in fields.items()}
    errors = [
        FieldError(pointer, f"{refusal.message} {refusal.alternative}", refusal.code)
        for pointer, refusal in found.items()
        if refusal is not None
    ]
    if errors:
        raise Refused(errors=errors)


def spoken_as(language: str) -> str:
    """The language in which an answer to `language` (a tag like zh-CN or es-MX) is written."""
    tag = language.casefold().replace("_", "-")
    if tag.startswith("zh"):
        return "zh-hans"
    base = tag.split("-")[0]
    return base if base in LANGUAGES else DEFAULT_LANGUAGE


def _told(code: str, language: str) -> Refusal:
    told, policy = spoken_as(language), POLICIES[code]
    return Refusal(code, policy.messages[told], policy.alternatives[told])


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", text)).casefold()
    return _SPACE.sub(" ", _HIDING.sub("", folded))


@lru_cache(maxsize=len(POLICIES))
def _pattern(code: str) -> re.Pattern[str]:
    return re.compile("|".join(_term(term) for term in POLICIES[code].terms))


def _term(term: str) -> str:
    """A term as it stands; one of Latin letters only as whole words, its spaces also as hyphens."""
    plain = _plain(term)
    if not plain.isascii() and re.search(f"[{_EAST_ASIAN}]", plain):
        return re.escape(plain)
    return r"(?<!\w)" + r"[\s-]+".join(re.escape(word) for word in plain.split(" ")) + r"(?!\w)"
