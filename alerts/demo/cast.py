"""Who plays in the demo: the agency's owner and staff, and a login for each client."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "orange-kettle-harbour"  # noqa: S105 - the demo's own, printed on the screen
AGENCY = "demo"
OWNER = "owner@demo.example"
ANALYST = "analyst@demo.example"


@dataclass(frozen=True, slots=True)
class Login:
    """A person of the demo and what they are to a client."""

    email: str
    role: str


def logins_of(client: str) -> tuple[Login, ...]:
    """Who is admitted to a client besides its owner: an analyst of the agency and two of its own people."""
    return (
        Login(ANALYST, "analyst"),
        Login(f"admin@{client}.example", "client_admin"),
        Login(f"viewer@{client}.example", "client_viewer"),
    )


TEMPLATES = {"US": "us_fba_mature", "JP": "jp_fba_mature", "MX": "mx_fba_mature"}
