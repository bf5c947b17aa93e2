"""Which addresses of the internet protocol lie out there, and which would lead back inside."""

from __future__ import annotations

import ipaddress
import re

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Beside what the standard library knows as not global: ways to write an IPv4 address in IPv6 (RFC 4291
# §2.5.5, 6052, 8215, 3056, 4380), relays, old site-local networks, and Azure's host on a public address.
_INSIDE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *(
            "::/96",
            "::ffff:0:0/96",
            "::ffff:0:0:0/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2002::/16",
            "2001::/23",
        ),
        *("fec0::/10", "192.88.99.0/24", "168.63.129.16/32", "192.0.0.0/24", "0.0.0.0/8", "240.0.0.0/4"),
    )
)
# A host whose last label is a number is an IPv4 address to somebody (WHATWG URL §3.5), however it is written.
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def is_outside(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet and to one host there."""
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address.version == net.version and address in net for net in _INSIDE)


def literal(host: str) -> IPAddress | None:
    """Return the address that a host name of a URL is, in the one plain notation; None for a name.

    ValueError for what is neither: a number or several in any other notation (decimal, octal, hexadecimal,
    short, with a zone), or a text that no host is called by. `host` is lower case, without brackets.
    """
    if ":" in host:
        if "%" in host:
            raise ValueError("an address with a zone")
        return ipaddress.IPv6Address(host)
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return ipaddress.IPv4Address(host)
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("no name of a host")
    return None
