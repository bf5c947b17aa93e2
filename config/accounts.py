"""What this product changes about allauth: nobody signs up, and second factors are stored encrypted."""

from __future__ import annotations

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest

from config.lib.errors import Unavailable


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are invited by the agency; whoever comes uninvited stays outside."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account without an invitation would belong to nobody's client."""
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals TOTP seeds and recovery codes under a key derived from the key-encryption keys."""

    def encrypt(self, text: str) -> str:
        """Seal with the active key."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open with any key still configured; raises Unavailable when none fits."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise Unavailable(
                "the second factor was sealed under a key that is no longer configured"
            ) from error


def _cipher() -> MultiFernet:
    keys: dict[str, bytes] = settings.KEY_ENCRYPTION_KEYS
    derived = (hashlib.sha256(b"allauth.mfa\0" + key).digest() for key in keys.values())
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
