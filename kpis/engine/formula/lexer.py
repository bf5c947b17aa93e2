"""From text to tokens; a character that belongs to none is a fault and is passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpis.engine.formula.syntax import At, Fault

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/()<>,%])"
)
# Signs that text processors put in the place of those on the keyboard.
_TYPOGRAPHIC = str.maketrans(
    {"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "，": ",", "（": "(", "）": ")"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A number, name or sign ("end" after the last one)."""

    kind: str
    text: str
    at: At


def tokenise(text: str) -> tuple[list[Token], list[Fault]]:
    """Return the tokens of a formula, ended by an "end", and every character that makes no sense."""
    plain = text.translate(_TYPOGRAPHIC)
    tokens: list[Token] = []
    faults: list[Fault] = []
    position = 0
    while position < len(plain):
        match = _TOKEN.match(plain, position)
        if match is None:
            faults.append(_stray(text[position], position))
            position += 1
            continue
        if match.lastgroup != "space":
            tokens.append(Token(str(match.lastgroup), match.group(), At(position, len(match.group()))))
        position = match.end()
    tokens.append(Token("end", "", At(len(plain), 0)))
    return tokens, faults


def _stray(character: str, position: int) -> Fault:
    return Fault(
        "stray_character",
        At(position, 1),
        f"{character!r} is no part of a formula",
        "Use keys of measures and KPIs, numbers, + - * / ( ) and the functions.",
    )
