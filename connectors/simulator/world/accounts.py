"""The clients of the agency as Amazon knows them, with made-up identifiers and tokens."""

from __future__ import annotations

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.markets import MARKETS, REGIONS
from connectors.simulator.world.model import Account

NAMES = (
    ("harbor", "Harbor & Pine Trading"),
    ("kumo", "Kumo Living"),
    ("sierra", "Sierra Norte Goods"),
    ("lantern", "Lantern Home"),
    ("orchid", "Orchid Sound"),
)


def make_account(seed: int, number: int) -> Account:
    """The `number`-th client: one seller per region, one advertising profile per marketplace."""
    key, name = NAMES[number % len(NAMES)]
    if number >= len(NAMES):
        key, name = f"{key}{number // len(NAMES) + 1}", f"{name} {number // len(NAMES) + 1}"
    dice = Dice(seed, "account", number)
    hexadecimal = "0123456789abcdef"
    return Account(
        key=key,
        name=name,
        client_id=f"amzn1.application-oa2-client.{dice.letters(32, hexadecimal)}",
        client_secret=f"amzn1.oa2-cs.v1.{dice.letters(64, hexadecimal)}",
        sellers={region: f"A{dice.letters(13)}" for region in REGIONS},
        refresh_tokens={region: f"Atzr|{dice.letters(96)}" for region in REGIONS},
        ads_refresh_tokens={region: f"Atzr|{dice.letters(96)}" for region in REGIONS},
        profiles={code: dice.digits(16) for code in MARKETS},
    )
