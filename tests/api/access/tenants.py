"""What each endpoint of tenants needs, decided here and not read from the views."""

from __future__ import annotations

from tenants.permissions import AgencyCapability, Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability | AgencyCapability] = {
    ("GET", "me"): AgencyCapability.SELF_READ,
    ("PATCH", "me"): AgencyCapability.SELF_WRITE,
    ("GET", "provider"): AgencyCapability.PROVIDER_READ,
    ("GET", "jobs/<int:job_id>"): AgencyCapability.AGENCY_JOB_READ,
    ("GET", "clients"): AgencyCapability.CLIENT_LIST,
    ("POST", "clients"): AgencyCapability.CLIENT_CREATE,
    ("GET", CLIENT): Capability.CLIENT_READ,
    ("PATCH", CLIENT): Capability.CLIENT_WRITE,
    ("GET", f"{CLIENT}/jobs"): Capability.JOB_READ,
    ("GET", f"{CLIENT}/jobs/<int:job_id>"): Capability.JOB_READ,
    ("POST", f"{CLIENT}/jobs/<int:job_id>/cancellation"): Capability.JOB_WRITE,
    ("GET", f"{CLIENT}/members"): Capability.MEMBER_READ,
    ("POST", f"{CLIENT}/members"): Capability.MEMBER_WRITE,
    ("GET", f"{CLIENT}/members/<int:member_id>"): Capability.MEMBER_READ,
    ("PATCH", f"{CLIENT}/members/<int:member_id>"): Capability.MEMBER_WRITE,
    ("DELETE", f"{CLIENT}/members/<int:member_id>"): Capability.MEMBER_WRITE,
    ("GET", f"{CLIENT}/api-keys"): Capability.APIKEY_READ,
    ("POST", f"{CLIENT}/api-keys"): Capability.APIKEY_WRITE,
    ("GET", f"{CLIENT}/api-keys/<int:key_id>"): Capability.APIKEY_READ,
    ("DELETE", f"{CLIENT}/api-keys/<int:key_id>"): Capability.APIKEY_WRITE,
    ("POST", f"{CLIENT}/api-keys/<int:key_id>/rotation"): Capability.APIKEY_WRITE,
    ("GET", f"{CLIENT}/contract"): Capability.CONTRACT_READ,
    ("PUT", f"{CLIENT}/contract"): Capability.CONTRACT_WRITE,
    ("GET", f"{CLIENT}/contract/versions"): Capability.CONTRACT_READ,
    ("GET", f"{CLIENT}/audit"): Capability.AUDIT_READ,
}
