"""Every detector; a new one is a file here and a line below."""

from __future__ import annotations

from typing import Any

from alerts.detectors.base import Detector
from config.lib.registry import Registry

DETECTORS: Registry[Detector[Any, Any]] = Registry(
    "detector",
    Detector,
    {
        "kpi_threshold": "alerts.detectors.kpi_threshold.DETECTOR",
    },
)
