"""Which news connectors tells the apps above; `config.pipeline` says what follows from each."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """The types of the outbox events that connectors emits."""

    FACTS_CHANGED = "connectors.facts_changed"
    OFFERS_CHANGED = "connectors.offers_changed"
    ATTENTION_NEEDED = "connectors.attention_needed"
    COSTS_CHANGED = "connectors.costs_changed"
