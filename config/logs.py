"""What Django calls to set up logging (settings.LOGGING_CONFIG)."""

from __future__ import annotations

from typing import TypedDict

from config.lib import logging


class Options(TypedDict):
    """settings.LOGGING."""

    level: str
    json: bool


def configure(options: Options) -> None:
    """One format for all lines of this process."""
    logging.configure(options["level"], json=options["json"])
