"""Development and demo: embedded servers and made-up keys where nothing is configured."""

from __future__ import annotations

from config.settings.base import *  # noqa: F403
