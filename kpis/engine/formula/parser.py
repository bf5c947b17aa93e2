"""From tokens to a tree. After a fault the reader goes on, so that one look shows every mistake.

comparison := sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)?
sum        := product (("+" | "-") product)*
product    := unary (("*" | "/") unary)*
unary      := "-" unary | operand "%"?
operand    := number | key | function "(" (comparison ("," comparison)*)? ")" | "(" comparison ")"
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kpis.engine.formula.lexer import Token, tokenise
from kpis.engine.formula.syntax import At, Binary, Call, Fault, Name, Negate, Node, Number, walk

MOST_CHARACTERS = 2_000
MOST_NODES = 300
DEEPEST = 40

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


def parse(text: str) -> tuple[Node | None, list[Fault]]:
    """Return the tree of a formula and every fault of its form; the tree is None when there is one."""
    if len(text) > MOST_CHARACTERS:
        return None, [_too_large(At(MOST_CHARACTERS, len(text) - MOST_CHARACTERS))]
    tokens, faults = tokenise(text)
    reader = _Reader(tokens, faults)
    node = reader.whole()
    if not faults and sum(1 for _ in walk(node)) > MOST_NODES:
        faults.append(_too_large(node.at))
    return (None if faults else node), sorted(faults, key=lambda fault: fault.at.start)


class _Reader:
    """Reads one formula from left to right; faults are collected, never raised."""

    def __init__(self, tokens: list[Token], faults: list[Fault]) -> None:
        self._tokens = tokens
        self._faults = faults
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._comparison()
        while self._peek().kind != "end":
            token = self._take()
            self._fault(
                "unexpected", token.at, f"{token.text!r} was not expected here", "Put an operator before it."
            )
            if token.text not in {")", ","}:
                self._next -= 1
            if self._peek().kind != "end":
                node = self._comparison()
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        if self._peek().text in COMPARISONS:
            node = self._binary(node, self._sum)
        return node

    def _sum(self) -> Node:
        node = self._product()
        while self._peek().text in {"+", "-"}:
            node = self._binary(node, self._product)
        return node

    def _product(self) -> Node:
        node = self._unary()
        while self._peek().text in {"*", "/"}:
            node = self._binary(node, self._unary)
        return node

    def _binary(self, left: Node, read: Callable[[], Node]) -> Node:
        operator = self._take().text
        right = read()
        return Binary(left.at.to(right.at), operator, left, right)

    def _unary(self) -> Node:
        if self._peek().text == "-":
            sign = self._take()
            with_sign = self._nested(self._unary, sign.at)
            return Negate(sign.at.to(with_sign.at), with_sign)
        node = self._operand()
        if self._peek().text == "%":
            sign = self._take()
            if not isinstance(node, Number):
                self._fault(
                    "percent", sign.at, "% stands only after a number", "Divide by 100, or leave it out."
                )
                return node
            return Number(node.at.to(sign.at), node.value / 100)
        return node

    def _operand(self) -> Node:
        token = self._peek()
        if token.kind == "number":
            self._take()
            return Number(token.at, Decimal(token.text))
        if token.kind == "name":
            self._take()
            return self._call(token) if self._peek().text == "(" else Name(token.at, token.text)
        if token.text == "(":
            self._take()
            node = self._nested(self._comparison, token.at)
            self._close(token)
            return node
        self._fault(
            "operand_missing",
            token.at,
            "A number, a key or a bracket is missing"
            + (f" before {token.text!r}" if token.text else " at the end"),
            "Complete the formula here, or take the operator away.",
        )
        if token.kind != "end" and token.text not in {")", ","}:
            self._take()
        return Number(token.at, Decimal(1))

    def _call(self, name: Token) -> Node:
        bracket = self._take()
        arguments: list[Node] = []
        if self._peek().text != ")":
            arguments.append(self._nested(self._comparison, name.at))
            while self._peek().text == ",":
                self._take()
                arguments.append(self._nested(self._comparison, name.at))
        end = self._close(bracket)
        return Call(name.at.to(end), name.text.lower(), tuple(arguments))

    def _nested(self, read: Callable[[], Node], at: At) -> Node:
        if self._depth >= DEEPEST:
            self._faults.append(_too_large(at))
            self._next = len(self._tokens) - 1
            return Number(at, Decimal(1))
        self._depth += 1
        node = read()
        self._depth -= 1
        return node

    def _close(self, opened: Token) -> At:
        if self._peek().text == ")":
            return self._take().at
        self._fault("bracket_open", opened.at, "This bracket is never closed", 'Add ")" where it ends.')
        return self._peek().at

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _fault(self, code: str, at: At, message: str, remedy: str) -> None:
        if not any(fault.at.start == at.start for fault in self._faults):
            self._faults.append(Fault(code, at, message, remedy))


def _too_large(at: At) -> Fault:
    return Fault(
        "too_large",
        at,
        f"A formula has at most {MOST_CHARACTERS} characters, {MOST_NODES} parts and {DEEPEST} levels",
        "Make a formula of a part of it, and name that here.",
    )
