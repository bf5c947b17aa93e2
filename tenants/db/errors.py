"""What goes wrong when tenancy is not respected. These are faults of our own code, never of a caller.

TenancyError
├── NoTenantChosen       a statement before use_tenant or use_public
├── TenantFenceError     a row or query of one schema used in another
└── TenantScopeError     a tenant switch where it would leak
"""

from __future__ import annotations

from django.db.utils import OperationalError


class TenancyError(Exception):
    """Code would have touched data without saying whose, or another client's."""


class NoTenantChosen(TenancyError, OperationalError):
    """A statement was about to run before a client or the public schema was chosen."""

    def __init__(self) -> None:
        super().__init__(
            "no client is chosen: wrap the work in tenants.context.use_tenant(client) or use_public(). "
            "A new thread starts with nobody chosen; give it the client's id and let it choose."
        )


class TenantFenceError(TenancyError):
    """A row or a queryset of one schema was used while another was chosen."""


class TenantScopeError(TenancyError):
    """The tenant was switched in a place where the switch would leak to other code."""
