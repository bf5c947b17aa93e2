"""The policy on free texts of pricing, asked by every service that stores one."""

from __future__ import annotations

from django.utils.translation import get_language

from pricing.rules.refusals import DEFAULT_LANGUAGE, require_lawful


def refuse_unlawful(**texts: str) -> None:
    """Raise `Refused` (422) naming every text, by its member of the body, that asks for what is refused.

    The policy and the lawful way are told in the language of the request: `refuse_unlawful(reason=reason)`.
    """
    require_lawful({f"/{name}": text for name, text in texts.items()}, get_language() or DEFAULT_LANGUAGE)
