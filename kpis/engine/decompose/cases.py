"""Worked cases in and out: reads cases of the six methods as plain JSON values and answers in the same shape.

The shape is that of the reference's numeric cases (tests/kpis/method_cases.json): a section per method with
its inputs; the answer repeats them and adds the results. A section may have a suffix ("lmdi_2"), hold a list
of cases, and carry former results, which are computed anew. Sections of other names are none of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from kpis.engine.decompose import aggregation, lmdi, pvm, shapley
from kpis.engine.decompose import margin_walk as walk
from kpis.engine.decompose import rate_mix as rates
from kpis.engine.decompose.numbers import Number, Undecomposable, rounded

MONEY_PLACES, POINT_PLACES = 4, 6

Case = dict[str, Any]
Values = dict[str, Decimal]


class BadCase(ValueError):
    """A case that cannot be read or has no answer; the message names its place in the file."""


@dataclass
class Explained:
    """The answers, what could not be answered, and the names of the sections that are none of ours."""

    answers: Any
    problems: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def explain(document: Any) -> Explained:
    """Answer every case of a decoded file: an object of sections, or a list of such objects.

    Every problem is collected; numbers may be int, Decimal or text, and are echoed as they were given.
    """
    if isinstance(document, list):
        parts = [explain(each) for each in document]
        return Explained(
            [part.answers for part in parts],
            [f"[{n}] {problem}" for n, part in enumerate(parts) for problem in part.problems],
            [name for part in parts for name in part.passed_over],
        )
    if not isinstance(document, dict):
        return Explained({}, ["the file must hold an object with a section per method, or a list of such"])
    told = Explained({})
    for name, body in _with_shapley(document).items():
        method = _method(name)
        if method is None:
            told.passed_over.append(name)
            continue
        try:
            told.answers[name] = _answered(method, name, body, document)
        except (BadCase, Undecomposable) as problem:
            told.problems.append(str(problem) if isinstance(problem, BadCase) else f"{name}: {problem}")
    if not told.answers and not told.problems:
        told.problems.append(f"no section is one of {', '.join(METHODS)}")
    return told


def _with_shapley(document: Mapping[str, Any]) -> dict[str, Any]:
    """The Shapley case of the reference has no inputs of its own: it goes with the LMDI case of its suffix,
    and where only that is given it is answered too."""
    found = dict(document)
    for name, body in document.items():
        if _method(name) != "lmdi" or not isinstance(body, dict) or not isinstance(body.get("f0"), dict):
            continue
        beside = "shapley_product" + name.removeprefix("lmdi")
        if beside not in document and len(body["f0"]) <= shapley.MOST_FACTORS:
            found[beside] = {}
    return found


def _method(name: str) -> str | None:
    """The method of a section: its name, or its name and a suffix after "_", "-", ":", "." or a blank."""
    return next((m for m in METHODS if name == m or (name.startswith(m) and name[len(m)] in "_-:. ")), None)


def _answered(method: str, name: str, body: Any, document: Mapping[str, Any]) -> Any:
    if isinstance(body, list):
        return [_answered(method, f"{name}[{n}]", each, document) for n, each in enumerate(body)]
    if body is None and method == "shapley_product":
        body = {}
    if not isinstance(body, dict):
        raise BadCase(f"{name}: must be an object with the inputs of the method, or a list of such")
    if method == "shapley_product" and "f0" not in body and "f1" not in body:
        return _results(_shapley(name, _lmdi_beside(name, document)))
    inputs = {key: body[key] for key in INPUTS[method] if key in body}
    return {**inputs, **_results(METHODS[method](name, body))}


def _lmdi_beside(name: str, document: Mapping[str, Any]) -> Case:
    beside = document.get("lmdi" + name.removeprefix("shapley_product"), document.get("lmdi"))
    if not isinstance(beside, dict):
        raise BadCase(f"{name}: needs f0 and f1, in it or in an lmdi case beside it")
    return beside


def _results(found: Case) -> Case:
    """Numbers as JSON has them: floats, rounded where the reference rounds."""
    return {key: _plain(value) for key, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return float(value)


def _lmdi(name: str, body: Case) -> Case:
    f0, f1 = _same(name, body, "f0", "f1")
    found = lmdi.additive(f0, f1)
    return {
        "V0": found.before,
        "V1": found.after,
        "delta": found.change,
        "log_mean": found.log_mean,
        "contrib": {key: rounded(value, MONEY_PLACES) for key, value in found.contributions.items()},
        "sum": rounded(found.total, MONEY_PLACES),
        "multiplicative": {key: rounded(v, POINT_PLACES) for key, v in lmdi.multiplicative(f0, f1).items()},
    }


def _shapley(name: str, body: Case) -> Case:
    f0, f1 = _same(name, body, "f0", "f1")
    return {key: rounded(value, MONEY_PLACES) for key, value in shapley.shapley(f0, f1).items()}


def _margin_walk(name: str, body: Case) -> Case:
    p0, p1 = _same(name, body, "p0", "p1")
    if "N" not in p0:
        raise BadCase(f"{name}: p0 and p1 need N, the net sales")
    costs = [{key: value for key, value in p.items() if key != "N"} for p in (p0, p1)]
    found = walk.margin_walk(p0["N"], costs[0], p1["N"], costs[1])
    return {
        "m0": rounded(found.before, POINT_PLACES),
        "m1": rounded(found.after, POINT_PLACES),
        "pp": {key: rounded(value, POINT_PLACES) for key, value in found.points.items()},
        "sum": rounded(found.total_points, POINT_PLACES),
    }


def _aggregation(name: str, body: Case) -> Case:
    rows = _given(name, body, "stores")
    if not isinstance(rows, list) or not rows:
        raise BadCase(f"{name}: stores must be a list with at least one store")
    stores = [_numbers(f"{name}: stores[{n}]", row) for n, row in enumerate(rows)]
    top, bottom = ("spend", "sales") if "spend" in stores[0] else (*stores[0], "", "")[:2]
    for n, store in enumerate(stores):
        for key in (top, bottom):
            if key not in store or not key:
                raise BadCase(f"{name}: stores[{n}] lacks {key or 'a numerator and a denominator'}")
    pairs: list[tuple[Number, Number]] = [(store[top], store[bottom]) for store in stores]
    prefix = "acos_" if (top, bottom) == ("spend", "sales") else ""
    return {
        f"{prefix}ratio_of_sums": rounded(aggregation.ratio_of_sums(pairs), POINT_PLACES),
        f"{prefix}mean_of_ratios_WRONG": rounded(aggregation.mean_of_ratios(pairs), POINT_PLACES),
    }


def _pvm(name: str, body: Case) -> Case:
    periods = [_sales(name, key, _given(name, body, key)) for key in ("period0", "period1")]
    try:
        found = pvm.price_volume_mix(*periods)
    except ValueError as problem:
        raise BadCase(f"{name}: {problem}") from problem
    parts = {"volume": found.volume, "mix": found.mix, "price": found.price, "cost": found.cost}
    if any(sale.fx != 1 for period in periods for sale in period.values()):
        parts["fx"] = found.fx
    return {
        key: rounded(value, POINT_PLACES)
        for key, value in {"M0": found.before, "M1": found.after, **parts, "sum": found.total}.items()
    }


def _sales(name: str, key: str, rows: Any) -> dict[str, pvm.Sale]:
    """Rows of [SKU, units, price, cost] or, with an exchange rate, [SKU, units, price, cost, rate]."""
    where = f"{name}: {key}"
    if not isinstance(rows, list):
        raise BadCase(f"{where} must be a list of [sku, units, price, cost] rows")
    found: dict[str, pvm.Sale] = {}
    for n, row in enumerate(rows):
        if not isinstance(row, list) or len(row) not in (4, 5):
            raise BadCase(f"{where}[{n}] must be [sku, units, price, cost], or with an fx rate after it")
        sku = str(row[0])
        if sku in found:
            raise BadCase(f"{where}[{n}]: {sku} is there twice")
        units, price, cost, *fx = (_number(f"{where}[{n}]", value) for value in row[1:])
        found[sku] = pvm.Sale(units, price, cost, *fx)
    return found


def _mix_rate(name: str, body: Case) -> Case:
    s0, s1 = (_parts(name, key, _given(name, body, key)) for key in ("s0", "s1"))
    found = rates.rate_mix(s0, s1)
    return {
        "R0": rounded(found.before, POINT_PLACES),
        "R1": rounded(found.after, POINT_PLACES),
        "rate": {key: rounded(value, POINT_PLACES) for key, value in found.rate.items()},
        "mix": {key: rounded(value, POINT_PLACES) for key, value in found.mix.items()},
        "rate_total": rounded(found.rate_total, POINT_PLACES),
        "mix_total": rounded(found.mix_total, POINT_PLACES),
    }


def _parts(name: str, key: str, rows: Any) -> dict[str, rates.Part]:
    where = f"{name}: {key}"
    if not isinstance(rows, dict):
        raise BadCase(f'{where} must be an object like {{"US": [denominator, numerator]}}')
    found = {}
    for part, row in rows.items():
        if not isinstance(row, list) or len(row) != 2:
            raise BadCase(f"{where}.{part} must be [denominator, numerator]")
        found[part] = rates.Part(*(_number(f"{where}.{part}", value) for value in row))
    return found


def _same(name: str, body: Case, first: str, second: str) -> tuple[Values, Values]:
    """Two objects of numbers with the same keys, at least one."""
    before = _numbers(f"{name}: {first}", _given(name, body, first))
    after = _numbers(f"{name}: {second}", _given(name, body, second))
    for key in before.keys() ^ after.keys():
        raise BadCase(f"{name}: {second if key in before else first} lacks {key}")
    if not before:
        raise BadCase(f"{name}: {first} is empty")
    return before, after


def _given(name: str, body: Case, key: str) -> Any:
    if key not in body:
        raise BadCase(f"{name}: the input {key} is missing")
    return body[key]


def _numbers(where: str, values: Any) -> Values:
    if not isinstance(values, dict):
        raise BadCase(f"{where} must be an object of numbers")
    return {key: _number(f"{where}.{key}", value) for key, value in values.items()}


def _number(where: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise BadCase(f"{where} must be a number, not {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadCase(f"{where} must be a number, not {value!r}") from None
    if not number.is_finite():
        raise BadCase(f"{where} must be a finite number")
    return number


METHODS: Mapping[str, Callable[[str, Case], Case]] = {
    "lmdi": _lmdi,
    "shapley_product": _shapley,
    "margin_walk": _margin_walk,
    "aggregation": _aggregation,
    "pvm": _pvm,
    "mix_rate": _mix_rate,
}

INPUTS: Mapping[str, tuple[str, ...]] = {
    "lmdi": ("f0", "f1"),
    "shapley_product": ("f0", "f1"),
    "margin_walk": ("p0", "p1"),
    "aggregation": ("stores",),
    "pvm": ("period0", "period1"),
    "mix_rate": ("s0", "s1"),
}
