"""The simulator's clock: it follows the product's own, may be set apart from it, and may stand still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.lib import clock


class SimulatorClock:
    """Tells the simulator's time. Moves on with `config.lib.clock` unless it is frozen."""

    def __init__(self, at: datetime | None = None, frozen: bool = False) -> None:
        self._offset = timedelta(0)
        self._stopped_at: datetime | None = None
        if at is not None:
            self.set(at)
        if frozen:
            self.freeze()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._stopped_at or (clock.now() + self._offset).astimezone(UTC)

    def set(self, at: datetime) -> None:
        """Set the clock; it goes on from there, or stands there if it is frozen."""
        if self._stopped_at is not None:
            self._stopped_at = at.astimezone(UTC)
        self._offset = at - clock.now()

    def advance(self, by: timedelta) -> None:
        """Move forward."""
        self.set(self.now() + by)

    def freeze(self) -> None:
        """Stand still."""
        self._stopped_at = self.now()

    def run(self) -> None:
        """Go on from where it stands."""
        at = self.now()
        self._stopped_at = None
        self._offset = at - clock.now()
