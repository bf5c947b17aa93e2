"""Tests: real PostgreSQL and Redis, cheap passwords, mail kept in memory."""

from __future__ import annotations

from config.settings.base import *  # noqa: F403

# Argon2 is slow on purpose; a test suite logs in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
REPORT_WAIT_SECONDS = 0
