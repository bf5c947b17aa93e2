"""In which language a caller is answered: what the request asks for, else what the person prefers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def asked_language(request: HttpRequest) -> str | None:
    """The best language of Accept-Language that we speak, as Django calls it; None when there is none."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    found = (spoken(code) for code, quality in wanted if quality > 0 and code != "*")
    return next((code for code in found if code is not None), None)


def spoken(code: str) -> str | None:
    """The language we speak that is nearest to `code`: "zh-hans" for "zh-CN"; None when there is none."""
    try:
        return get_supported_language_variant(code.lower())
    except LookupError:
        return None


def content_language() -> str:
    """The active language as a tag of BCP 47, for the header Content-Language: "zh-Hans" for "zh-hans"."""
    code = get_language() or settings.LANGUAGE_CODE
    language, _, script = code.partition("-")
    return f"{language}-{script.title()}" if len(script) == 4 else code
