"""Django system checks: every broken rule of the KPI catalogue and its templates, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from kpis.catalog import CATALOG, MEASURES, SOURCES
from kpis.catalog.templates import TEMPLATES
from kpis.engine.validate import validate_catalogue, validate_templates


@register("kpis")
def check_catalogue(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report violations as errors; `kpis.E001` is a definition, `kpis.E002` a template."""
    found: list[CheckMessage] = [
        Error(str(violation), id="kpis.E001") for violation in validate_catalogue(CATALOG, MEASURES, SOURCES)
    ]
    found += [Error(str(violation), id="kpis.E002") for violation in validate_templates(TEMPLATES, CATALOG)]
    return found
