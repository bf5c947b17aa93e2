"""The tables of the public schema."""

from tenants.models.clients import Client, Domain
from tenants.models.contracts import Contract
from tenants.models.fx import FXRate
from tenants.models.identity import ApiKey, Membership, User
from tenants.models.keys import ClientKey
from tenants.models.portfolio import PortfolioRow
from tenants.models.provider import Provider
from tenants.models.schema import SchemaStep, SchemaVersion
from tenants.models.sessions import Session
from tenants.models.vitals import ClientVitals
from tenants.models.work import WorkDue

__all__ = [
    "ApiKey",
    "Client",
    "ClientKey",
    "ClientVitals",
    "Contract",
    "Domain",
    "FXRate",
    "Membership",
    "PortfolioRow",
    "Provider",
    "SchemaStep",
    "SchemaVersion",
    "Session",
    "User",
    "WorkDue",
]
