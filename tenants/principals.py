"""Who is calling, as every handler knows it: a person or a machine's key, frozen, with no row behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tenants.permissions import (
    CLIENT_LOGIN_CAPABILITIES,
    KEY_CAPABILITIES,
    STAFF_CAPABILITIES,
    AgencyCapability,
    Capability,
)
from tenants.types import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class Person:
    """A logged-in person; what they may do for a client is in their membership, read at every request."""

    id: int
    email: str
    name: str = ""
    locale: str = "zh-Hans"
    time_zone: str = "Asia/Shanghai"
    is_staff_member: bool = False
    is_provider_owner: bool = False

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True

    @property
    def pk(self) -> int:
        """Django's name for the id."""
        return self.id

    @property
    def key(self) -> str:
        """Names this caller in throttles and idempotency records."""
        return f"user:{self.id}"

    @property
    def actor(self) -> Actor:
        """Who the audit says it was."""
        return Actor(ActorKind.USER, self.id, self.name or self.email)

    @property
    def agency_capabilities(self) -> frozenset[AgencyCapability]:
        """What this person may do outside of any client."""
        if self.is_staff_member or self.is_provider_owner:
            return STAFF_CAPABILITIES
        return CLIENT_LOGIN_CAPABILITIES


@dataclass(frozen=True, slots=True)
class Machine:
    """The holder of an API key, bound to one client and to the scopes the key was made with."""

    id: int
    name: str
    prefix: str
    client_id: int
    scopes: frozenset[Capability]

    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True
    is_staff_member: ClassVar[bool] = False
    is_provider_owner: ClassVar[bool] = False

    @property
    def pk(self) -> int:
        """Django's name for the id."""
        return self.id

    @property
    def key(self) -> str:
        """Names this caller in throttles and idempotency records."""
        return f"key:{self.id}"

    @property
    def actor(self) -> Actor:
        """Who the audit says it was."""
        return Actor(ActorKind.API_KEY, self.id, f"{self.name} ({self.prefix})")

    @property
    def agency_capabilities(self) -> frozenset[AgencyCapability]:
        """What a key may do outside of its client."""
        return KEY_CAPABILITIES


Principal = Person | Machine
