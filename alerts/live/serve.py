"""What granian loads for `manage.py feed`: Django is set up first, since the application uses its models."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()

from alerts.live.application import Feed  # noqa: E402 - models can be imported only from here on

application = Feed()
