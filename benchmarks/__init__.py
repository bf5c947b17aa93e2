"""Programs that show speed and memory as ratios inside one run, each with a control that must fail.

Importing the package sets Django up as the tests do, with embedded servers where none are configured.
"""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
# A log line per request would bury the results.
os.environ.setdefault("LOG_LEVEL", "WARNING")
django.setup()
