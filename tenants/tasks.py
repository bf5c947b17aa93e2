"""The periodic work of the tenancy core."""

from __future__ import annotations
