"""The form of what several apps answer with: a job that works for the caller."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.schema import EnumField
from tenants.types import JobState, JobView


class JobSerializer(serializers.Serializer[JobView]):
    """A durable piece of work; poll it until it is succeeded, failed or cancelled."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="What the job does, for instance connectors.sync_stream.")
    state = EnumField(JobState)
    attempts = serializers.IntegerField(help_text="How often it was begun.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    run_after = serializers.DateTimeField(help_text="Not begun (again) before this instant.")
    progress = serializers.DictField(help_text="How far it is; the keys depend on the kind.")
    result = serializers.DictField(allow_null=True, help_text="What it achieved, once succeeded.")
    problem = serializers.DictField(allow_null=True, help_text="Why it failed, once failed.")


def job_body(job: JobView) -> dict[str, Any]:
    """The JSON body of a job."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "run_after": job.run_after,
        "progress": job.progress,
        "result": job.result,
        "problem": job.problem,
    }
