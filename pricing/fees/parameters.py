"""All dated parameters, by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

from config.lib.errors import NotFound, gettext_noop
from pricing.fees.loader import Parameter, load_all
from pricing.fees.values import FeeValue


class UnknownFeeParameter(NotFound):
    """There is no parameter of this key."""

    code = "unknown_fee_parameter"
    title = gettext_noop("There is no such fee parameter")


class Parameters:
    """The parameters of `pricing/fees/data`, read when the first is asked for."""

    @cached_property
    def _all(self) -> Mapping[str, Parameter]:
        return load_all()

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, key: object) -> bool:
        return key in self._all

    def get(self, key: str) -> Parameter:
        """Return a parameter; `UnknownFeeParameter` names keys that begin alike."""
        if key not in self._all:
            near = [each for each in self._all if each.rpartition(".")[0] == key.rpartition(".")[0]]
            raise UnknownFeeParameter(
                f"there is no parameter {key!r}",
                remedy=f"Known are {', '.join(near[:40])}." if near else "See the list of fee parameters.",
            )
        return self._all[key]

    def at(self, key: str, on: date) -> FeeValue | None:
        """Return a value in force on a day; errors of `get` and `Parameter.at`."""
        return self.get(key).at(on)

    def children(self, prefix: str) -> list[str]:
        """Return what follows `prefix` in the keys directly below it, in the order of the files."""
        below = (key[len(prefix) + 1 :] for key in self._all if key.startswith(f"{prefix}."))
        return [name for name in below if "." not in name]


PARAMETERS = Parameters()
