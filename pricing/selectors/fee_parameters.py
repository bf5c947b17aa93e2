"""The fee parameters as they stand on a day: value, what comes next, and what to be wary of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.lib.dated import NotInForce
from pricing.fees.loader import Parameter
from pricing.fees.parameters import PARAMETERS


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter on a day; `value` is None where it is not known or not in force."""

    parameter: Parameter
    on: date
    value: str | None
    in_force_since: date | None
    next_on: date | None
    next_value: str | None
    warnings: tuple[str, ...]


def list_parameters(
    on: date, *, market: str = "", platform: str = "", topic: str = "", with_warnings_only: bool = False
) -> list[ParameterView]:
    """Return the parameters on a day, by key; those of all platforms belong to each."""
    found = (
        view_parameter(each, on)
        for each in PARAMETERS
        if market in ("", each.market)
        and (not platform or each.platform in (platform, "all"))
        and topic in ("", each.topic)
    )
    kept = (view for view in found if view.warnings or not with_warnings_only)
    return sorted(kept, key=lambda view: view.parameter.key)


def get_parameter(key: str, on: date) -> ParameterView:
    """Return one parameter on a day; `UnknownFeeParameter` names keys that begin alike."""
    return view_parameter(PARAMETERS.get(key), on)


def view_parameter(parameter: Parameter, on: date) -> ParameterView:
    """Return a parameter as it stands on a day."""
    try:
        value, since = parameter.at(on), parameter.since(on)
    except NotInForce:
        value, since = None, None
    upcoming = parameter.next_change(on)
    return ParameterView(
        parameter=parameter,
        on=on,
        value=None if value is None else parameter.text(value),
        in_force_since=since,
        next_on=upcoming[0] if upcoming else None,
        next_value=parameter.text(upcoming[1]) if upcoming else None,
        warnings=parameter.warnings(on),
    )
