"""Page tokens: opaque, bound to the call that got them, valid for a day."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.simulator.http.clock import SimulatorClock
from connectors.simulator.http.messages import refuse

LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Place:
    operation: str
    seller: str
    question: Mapping[str, str]
    rows: Sequence[Any]
    offset: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Slice:
    """One page: its rows and the token of the next one, "" on the last."""

    rows: Sequence[Any]
    token: str
    total: int


class Paging:
    """Keeps what each token stands for: the list as it was when its first page was asked for."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock
        self._places: dict[str, _Place] = {}

    def first(
        self, operation: str, seller: str, question: Mapping[str, str], rows: Sequence[Any], size: int
    ) -> Slice:
        """The first page of a list."""
        return self._cut(_Place(operation, seller, dict(question), rows, 0, self._clock.now() + LIFE), size)

    def next(
        self,
        operation: str,
        seller: str,
        question: Mapping[str, str],
        token: str,
        size: int,
        status_name: str = "InvalidInput",
    ) -> Slice:
        """A later page; refused when the token is unknown, too old, or was given for another question.

        Parameters that are repeated have to be the same; leaving them out is allowed.
        """
        place = self._places.get(token)
        is_ours = place is not None and place.operation == operation and place.seller == seller
        if place is None or not is_ours or place.until < self._clock.now():
            raise refuse(400, status_name, "Invalid or expired pagination token.", token[:24])
        for name, value in question.items():
            if place.question.get(name) != value:
                raise refuse(400, status_name, f"The pagination token was issued for another {name}.", value)
        return self._cut(place, size)

    def _cut(self, place: _Place, size: int) -> Slice:
        rows = place.rows[place.offset : place.offset + size]
        token = ""
        if place.offset + size < len(place.rows):
            token = secrets.token_urlsafe(48)
            self._places[token] = _Place(
                place.operation, place.seller, place.question, place.rows, place.offset + size, place.until
            )
        return Slice(rows, token, len(place.rows))

    def reset(self) -> None:
        """Forget every token."""
        self._places.clear()
