"""Who may do what: the capabilities of the API and the table of roles that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tenants.types import Role


class Capability(StrEnum):
    """One thing a caller may be allowed to do for one client; its value is also an API key's scope."""

    CLIENT_READ = "client:read"
    CLIENT_WRITE = "client:write"
    MEMBER_READ = "member:read"
    MEMBER_WRITE = "member:write"
    APIKEY_READ = "apikey:read"
    APIKEY_WRITE = "apikey:write"
    AUDIT_READ = "audit:read"
    JOB_READ = "job:read"
    JOB_WRITE = "job:write"
    CONNECTION_READ = "connection:read"
    CONNECTION_WRITE = "connection:write"
    SYNC_RUN = "sync:run"
    FACT_READ = "fact:read"
    COST_READ = "cost:read"
    COST_WRITE = "cost:write"
    KPI_READ = "kpi:read"
    SCORECARD_READ = "scorecard:read"
    TARGET_WRITE = "target:write"
    FORMULA_WRITE = "formula:write"
    ASSIGNMENT_WRITE = "assignment:write"
    UPLOAD_WRITE = "upload:write"
    EVIDENCE_WRITE = "evidence:write"
    REVIEW_READ = "review:read"
    REVIEW_WRITE = "review:write"
    ACTION_READ = "action:read"
    ACTION_WRITE = "action:write"
    INCENTIVE_READ = "incentive:read"
    INCENTIVE_WRITE = "incentive:write"
    ALERT_READ = "alert:read"
    ALERT_WRITE = "alert:write"
    ALERT_RULE_WRITE = "alert-rule:write"
    CHANNEL_WRITE = "channel:write"
    INCIDENT_READ = "incident:read"
    INCIDENT_WRITE = "incident:write"
    HEALTH_READ = "health:read"
    HEALTH_WRITE = "health:write"
    CONTRACT_READ = "contract:read"
    CONTRACT_WRITE = "contract:write"
    PRICE_READ = "price:read"
    PRICE_WRITE = "price:write"
    PRICE_RULE_WRITE = "price-rule:write"
    PRICE_POLICY_WRITE = "price-policy:write"
    PRICE_APPROVE = "price:approve"
    PRICE_CLEAR = "price:clear"
    PRICE_HALT = "price:halt"


class AgencyCapability(StrEnum):
    """What concerns the agency rather than one client; held by kind of person, never by a key's scope."""

    SELF_READ = "self:read"
    SELF_WRITE = "self:write"
    CLIENT_LIST = "client:list"
    CLIENT_CREATE = "client:create"
    PROVIDER_READ = "provider:read"
    AGENCY_JOB_READ = "agency-job:read"
    PORTFOLIO_READ = "portfolio:read"


_VIEWER = frozenset(
    {
        Capability.CLIENT_READ,
        Capability.SCORECARD_READ,
        Capability.KPI_READ,
        Capability.REVIEW_READ,
        Capability.ACTION_READ,
    }
)

_STAFF_READ = _VIEWER | {
    Capability.CONNECTION_READ,
    Capability.COST_READ,
    Capability.FACT_READ,
    Capability.JOB_READ,
    Capability.MEMBER_READ,
    Capability.PRICE_READ,
    Capability.ALERT_READ,
    Capability.INCIDENT_READ,
    Capability.HEALTH_READ,
    Capability.CONTRACT_READ,
}

_OPERATOR = _STAFF_READ | {
    Capability.CONNECTION_WRITE,
    Capability.COST_WRITE,
    Capability.JOB_WRITE,
    Capability.SYNC_RUN,
    Capability.UPLOAD_WRITE,
    Capability.EVIDENCE_WRITE,
    Capability.ACTION_WRITE,
    Capability.PRICE_WRITE,
    Capability.PRICE_APPROVE,
    Capability.PRICE_HALT,
    Capability.ALERT_WRITE,
    Capability.INCIDENT_WRITE,
    Capability.HEALTH_WRITE,
}

# What analysts and managers set up: numbers to be held against, and the meetings where that is done.
_STEERING = {
    Capability.TARGET_WRITE,
    Capability.FORMULA_WRITE,
    Capability.ASSIGNMENT_WRITE,
    Capability.REVIEW_WRITE,
    Capability.ACTION_WRITE,
    Capability.EVIDENCE_WRITE,
    Capability.PRICE_WRITE,
    Capability.PRICE_RULE_WRITE,
    Capability.ALERT_WRITE,
    Capability.ALERT_RULE_WRITE,
}

_MANAGER = _OPERATOR | {
    Capability.APIKEY_READ,
    Capability.APIKEY_WRITE,
    Capability.AUDIT_READ,
    Capability.CLIENT_WRITE,
    Capability.MEMBER_WRITE,
    Capability.INCENTIVE_READ,
    Capability.INCENTIVE_WRITE,
    Capability.PRICE_POLICY_WRITE,
    Capability.PRICE_CLEAR,
    Capability.CHANNEL_WRITE,
    Capability.CONTRACT_WRITE,
    *_STEERING,
}

ROLE_CAPABILITIES: Mapping[Role, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.MANAGER: _MANAGER,
    Role.ANALYST: _STAFF_READ | _STEERING,
    Role.OPERATOR: _OPERATOR,
    # A client sees its own stores, costs, people, jobs and who looked at what, and changes none of them; its
    # prices are its own, so it decides on them (as far as the approval matrix lets it) and may stop them all.
    Role.CLIENT_ADMIN: (_STAFF_READ - {Capability.FACT_READ})
    | {Capability.AUDIT_READ, Capability.PRICE_APPROVE, Capability.PRICE_HALT},
    Role.CLIENT_VIEWER: _VIEWER,
}

# A key that could admit people or mint keys would outlive its own revocation; prices are approved by people.
KEY_SCOPES: frozenset[Capability] = frozenset(Capability) - {
    Capability.APIKEY_WRITE,
    Capability.MEMBER_WRITE,
    Capability.PRICE_APPROVE,
    Capability.PRICE_CLEAR,
}

STAFF_CAPABILITIES: frozenset[AgencyCapability] = frozenset(AgencyCapability)
KEY_CAPABILITIES: frozenset[AgencyCapability] = frozenset(
    {AgencyCapability.SELF_READ, AgencyCapability.CLIENT_LIST}
)
CLIENT_LOGIN_CAPABILITIES: frozenset[AgencyCapability] = KEY_CAPABILITIES | {AgencyCapability.SELF_WRITE}

# Rank decides whom a member may appoint or dismiss: nobody of a higher rank than their own.
ROLE_RANK: Mapping[Role, int] = {
    Role.OWNER: 50,
    Role.MANAGER: 40,
    Role.OPERATOR: 30,
    Role.ANALYST: 30,
    Role.CLIENT_ADMIN: 20,
    Role.CLIENT_VIEWER: 10,
}


def capabilities_of(role: Role) -> frozenset[Capability]:
    """What a role may do for the client it is held for."""
    return ROLE_CAPABILITIES[role]


def may_grant(granter: Role, role: Role) -> bool:
    """Whether a member with the role `granter` may give, change or take away `role`."""
    return ROLE_RANK[granter] >= ROLE_RANK[role]
