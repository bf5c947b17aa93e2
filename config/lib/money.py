"""What an amount of money is: an exact decimal with its currency, rounded by the currency's exponent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType

from config.lib.errors import Invalid, gettext_noop

# Minor units by ISO 4217:2015, table A.1 (current currencies and funds), as published by the maintenance
# agency SIX at https://www.six-group.com/en/products-services/financial-information/data-standards.html.
# Codes without minor units ("N.A.": metals, SDR, testing) are left out: no price is quoted in them.
# BGN (in the euro since 2026) stays, since facts of former years carry it.
_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

EXPONENTS: Mapping[str, int] = MappingProxyType(
    {
        code: digits
        for digits, codes in ((2, _TWO), (0, _ZERO), (3, _THREE), (4, _FOUR))
        for code in codes.split()
    }
)

# Larger than any turnover and smaller than what a hostile exponent ("1e999999") would make us write out.
_LARGEST = Decimal(10) ** 24
_SMALLEST_EXPONENT = -12


class UnknownCurrency(Invalid):
    """A code that ISO 4217 does not list among the current currencies."""

    code = "unknown_currency"
    title = gettext_noop("There is no such currency")


class CurrencyMismatch(Invalid):
    """Two currencies were to be added or compared; convert one of them first."""

    code = "currency_mismatch"
    title = gettext_noop("Amounts of two currencies cannot be added")


def exponent(currency: str) -> int:
    """Return how many decimals the currency has (JPY 0, USD 2, BHD 3); `UnknownCurrency` otherwise."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"ISO 4217 has no currency {currency!r}") from None


def quantise(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return `amount` rounded to the decimals of `currency`."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=rounding)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217 code). Amounts of different currencies never mix."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount of money is a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise Invalid(f"{self.amount} is no amount of money")
        exponent(self.currency)

    @classmethod
    def parse(cls, value: str | int | Decimal, currency: str) -> Money:
        """Read an amount from a text, an integer or a Decimal; a float is a `TypeError`, always.

        The digits are kept as they are (nothing is rounded); `Invalid` for a text that is no plain decimal
        number, for more than 12 decimals and for 10^24 and beyond.
        """
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise TypeError(f"money is read from a text, an integer or a Decimal, not {type(value).__name__}")
        try:
            amount = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation:
            raise Invalid(f"{value!r} is no amount of money") from None
        if isinstance(value, str) and "_" in value:
            raise Invalid(f"{value!r} is no amount of money")
        if not amount.is_finite():
            raise Invalid(f"{value!r} is no amount of money")
        if abs(amount) >= _LARGEST or int(amount.as_tuple().exponent) < _SMALLEST_EXPONENT:
            raise Invalid(f"{value!r} has too many digits for an amount of money")
        return cls(amount, currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in a currency."""
        return cls(Decimal(0), currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other.amount

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        """Multiply by a count or a rate, unrounded; money times money or a float is a `TypeError`."""
        if isinstance(factor, bool) or not isinstance(factor, Decimal | int):
            return NotImplemented
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def quantise(self, rounding: str = ROUND_HALF_UP) -> Money:
        """Return the amount rounded to the decimals of its currency (half up unless told otherwise)."""
        return Money(quantise(self.amount, self.currency, rounding), self.currency)

    def to_json(self) -> dict[str, str]:
        """Return {"amount": "12.30", "currency": "USD"}: at least the currency's decimals, never fewer.

        Digits beyond the currency's own (a unit cost of 0.0125 USD) are kept: showing is not rounding. Zeros
        that a column's scale put behind them are not.
        """
        least = exponent(self.currency)
        text = f"{self.amount:.{max(least, -int(self.amount.as_tuple().exponent))}f}"
        whole, point, digits = text.partition(".")
        kept = digits.rstrip("0").ljust(least, "0")
        return {"amount": f"{whole}{point if kept else ''}{kept}", "currency": self.currency}

    def __str__(self) -> str:
        return " ".join(self.to_json().values())
