"""The simulator's own endpoints under /_sim/: truth, accounts, plants, clock, faults, prices and more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.simulator.http.faults import Fault
from connectors.simulator.http.messages import Answer, Refusal, Request, json_answer, refuse, stamp
from connectors.simulator.http.simulator import Simulator
from connectors.simulator.http.views import accounts_of, cost_rows_of, observed_by, plants_of
from connectors.simulator.truth import Truth
from connectors.simulator.world.money import to_money


def answer(simulator: Simulator, request: Request) -> Answer:
    """Answer a control call; unknown ones are 404, bad values 400 with the reason."""
    handler = _HANDLERS.get((request.method, request.path.removeprefix("/_sim/")))
    if handler is None:
        known = ", ".join(f"{method} /_sim/{name}" for method, name in _HANDLERS)
        return refuse(404, "NotFound", f"Known: {known}").answer
    try:
        return json_answer(handler(simulator, request))
    except Refusal as refusal:
        return refusal.answer
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        return refuse(400, "InvalidInput", f"{type(error).__name__}: {error}").answer


def _truth(simulator: Simulator, request: Request) -> Any:
    query = request.query
    store = simulator.world.stores[query["store"]]
    first, last = date.fromisoformat(query["from"]), date.fromisoformat(query["to"])
    at = simulator.clock.now()
    observed = observed_by(simulator.record, store.key)
    truth = Truth(simulator.world, at, observed, simulator.knobs.traffic_delay_days)
    return truth.report(store.key, first, last, quote=query.get("quote", "USD"))


def _info(simulator: Simulator, request: Request) -> Any:
    world = simulator.world
    return {
        "seed": world.seed,
        "start": world.start.isoformat(),
        "end": world.end.isoformat(),
        "last": world.last.isoformat(),
        "now": stamp(simulator.clock.now()),
        "stores": list(world.stores),
        "orders": sum(len(store.orders) for store in world.stores.values()),
    }


def _clock(simulator: Simulator, request: Request) -> Any:
    body, clock = request.json(), simulator.clock
    if "set" in body:
        clock.set(datetime.fromisoformat(body["set"]))
    if "advance_seconds" in body:
        clock.advance(timedelta(seconds=float(body["advance_seconds"])))
    if "frozen" in body:
        (clock.freeze if body["frozen"] else clock.run)()
    if simulator.world.has_ended(clock.now()):
        raise refuse(400, "InvalidInput", f"The world ends on {simulator.world.last}.")
    return {"now": stamp(clock.now())}


def _limits(simulator: Simulator, request: Request) -> Any:
    body, limits, knobs = request.json(), simulator.limits, simulator.knobs
    limits.scale = float(body.pop("scale", limits.scale))
    limits.enforced = bool(body.pop("enforced", limits.enforced))
    for name in list(body):
        kind = type(getattr(knobs, name))
        setattr(knobs, name, kind(body.pop(name)))
    limits.reset()
    shown = {name: getattr(knobs, name) for name in knobs.__slots__}
    return {"scale": limits.scale, "enforced": limits.enforced, **shown}


def _faults(simulator: Simulator, request: Request) -> Any:
    body = request.json()
    if body.get("clear"):
        simulator.faults.clear()
        simulator.tokens.restore()
    elif body.get("kind") == "revoke_token" and "account" in body:
        simulator.tokens.revoke(body["account"], body.get("region", ""), body.get("api", ""))
    elif body.get("kind") == "expire_token" and "operation" not in body:
        simulator.tokens.expire(body.get("seller", ""))
    else:
        simulator.faults.add(Fault(**body))
    return {"pending": simulator.faults.pending()}


def _prices(simulator: Simulator, request: Request) -> Any:
    """The seller changes a price in its own console, as a client does who follows a suggestion."""
    body = request.json()
    store = simulator.world.stores[body["store"]]
    product = next((one for one in store.products if one.sku == body["sku"]), None)
    price = Decimal(body["price"])
    if product is None or not (price.is_finite() and price > 0):
        raise refuse(400, "InvalidInput", "sku must be one of the store's and price an amount above 0.")
    store.asking[product.sku] = to_money(price, store.market.currency)
    return {"store": store.key, "sku": product.sku, "price": str(store.price_of(product))}


def _ledger(simulator: Simulator, request: Request) -> Any:
    query = request.query
    if "store" in query and "stream" in query:
        return {"keys": simulator.record.keys(query["store"], query["stream"])}
    return simulator.record.summary(int(query.get("requests", "0")))


def _reset(simulator: Simulator, request: Request) -> Any:
    simulator.reset()
    return {"now": stamp(simulator.clock.now())}


Handler = Callable[[Simulator, Request], Any]
_HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "info"): _info,
    ("GET", "truth"): _truth,
    ("GET", "accounts"): lambda simulator, request: {"accounts": accounts_of(simulator.world)},
    ("GET", "plants"): lambda simulator, request: {"plants": plants_of(simulator.world)},
    ("GET", "cost-sheets"): lambda simulator, request: {
        "rows": cost_rows_of(simulator.world, request.query.get("account", ""))
    },
    ("GET", "ledger"): _ledger,
    ("POST", "clock"): _clock,
    ("POST", "limits"): _limits,
    ("POST", "faults"): _faults,
    ("POST", "prices"): _prices,
    ("POST", "reset"): _reset,
}
