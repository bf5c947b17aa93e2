"""The paths of the agency and of a client's own administration, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from tenants.api import api_keys, audit, clients, contracts, jobs, me, members

CLIENT = "clients/<slug:client>"

urlpatterns = [
    path("me", me.MeView.as_view()),
    path("provider", me.ProviderView.as_view()),
    path("jobs/<int:job_id>", jobs.AgencyJobView.as_view()),
    path("clients", clients.ClientsView.as_view()),
    path(CLIENT, clients.ClientView.as_view()),
    path(f"{CLIENT}/jobs", jobs.ClientJobsView.as_view()),
    path(f"{CLIENT}/jobs/<int:job_id>", jobs.ClientJobView.as_view()),
    path(f"{CLIENT}/jobs/<int:job_id>/cancellation", jobs.ClientJobCancellationView.as_view()),
    path(f"{CLIENT}/members", members.MembersView.as_view()),
    path(f"{CLIENT}/members/<int:member_id>", members.MemberDetailView.as_view()),
    path(f"{CLIENT}/api-keys", api_keys.ApiKeysView.as_view()),
    path(f"{CLIENT}/api-keys/<int:key_id>", api_keys.ApiKeyDetailView.as_view()),
    path(f"{CLIENT}/api-keys/<int:key_id>/rotation", api_keys.ApiKeyRotationView.as_view()),
    path(f"{CLIENT}/contract", contracts.ContractDetailView.as_view()),
    path(f"{CLIENT}/contract/versions", contracts.ContractVersionsView.as_view()),
    path(f"{CLIENT}/audit", audit.AuditView.as_view()),
]
