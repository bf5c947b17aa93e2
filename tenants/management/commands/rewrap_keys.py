"""`manage.py rewrap_keys`: wraps every client's data key with the first of KEY_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tenants import crypto


class Command(BaseCommand):
    """The second step of a rotation: add a new key in front, deploy, run this, remove the old key."""

    help = "Wraps all data keys with the first key-encryption key, beside running work."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rewrap and report."""
        self.stdout.write(f"{crypto.rewrap_keys()} data keys rewrapped")
