"""The form of what the endpoints of the account-health desk take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.engine.health import RootCause, WarningKind, WarningSource, WarningState
from alerts.engine.poa import Part, PlanLanguage
from alerts.types import Severity
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import InstantField

LARGEST = 2**63 - 1
_REASON = 900
_MOST_TEXT = 20_000


def id_field(**kwargs: Any) -> serializers.IntegerField:
    """The id of a row."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


def note_field(**kwargs: Any) -> serializers.CharField:
    """A remark of a person."""
    return serializers.CharField(max_length=_REASON, required=False, default="", allow_blank=True, **kwargs)


class HealthWarningInput(serializers.Serializer[Any]):
    """A warning as somebody read it; its severity follows from its kind unless told."""

    store_id = id_field()
    kind = EnumField(WarningKind)
    title = serializers.CharField(max_length=500)
    received_at = InstantField(help_text="When the platform told of it.")
    severity = EnumField(Severity, required=False, allow_null=True, default=None)
    reference = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        allow_blank=True,
        help_text="The platform's case number: the same case is one warning.",
    )
    deadline_at = InstantField(required=False, allow_null=True, default=None)
    original = serializers.CharField(
        max_length=200_000,
        required=False,
        default="",
        allow_blank=True,
        help_text="Its wording; kept sealed.",
    )


class ForwardQuery(QuerySerializer):
    """Whose shop the message is about."""

    store = id_field(help_text="The store that was warned.")


class HealthWarningQuery(PageQuery):
    """Which warnings to list."""

    store = id_field(required=False)
    state = EnumField(WarningState, required=False)
    kind = EnumField(WarningKind, required=False)
    open = serializers.BooleanField(required=False, help_text="True: those that are not settled.")


class HealthWarningChange(serializers.Serializer[Any]):
    """What to correct, or `state` in_work or dismissed (with a `note`); not both in one request."""

    kind = EnumField(WarningKind, required=False)
    severity = EnumField(Severity, required=False)
    title = serializers.CharField(max_length=500, required=False)
    reference = serializers.CharField(max_length=100, required=False, allow_blank=True)
    deadline_at = InstantField(required=False, allow_null=True)
    root_cause = EnumField(RootCause, required=False)
    owner_id = id_field(required=False, allow_null=True)
    owner = serializers.CharField(max_length=254, required=False, allow_blank=True)
    state = EnumField(WarningState, required=False)
    note = serializers.CharField(max_length=_REASON, required=False, allow_blank=True)


class HealthAttachmentSerializer(serializers.Serializer[Any]):
    """A file of the message; it was hashed, never opened."""

    name = serializers.CharField(allow_blank=True)
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class NamedDeadlineSerializer(serializers.Serializer[Any]):
    """Another deadline that the message names."""

    at = serializers.DateTimeField()
    phrase = serializers.CharField()
    rule = serializers.CharField()


class WarningReadingSerializer(serializers.Serializer[Any]):
    """What was read from a message or a report; `unrecognised` is left to a person, `notes` says why."""

    sender = serializers.CharField(allow_blank=True, required=False)
    sender_name = serializers.CharField(allow_blank=True, required=False)
    forwarded_by = serializers.CharField(allow_blank=True, required=False)
    message_id = serializers.CharField(allow_blank=True, required=False)
    authenticated_by = serializers.CharField(
        required=False, help_text="What a mail server claims to have checked; not verified here."
    )
    is_known_sender = serializers.BooleanField(required=False)
    kind_basis = serializers.CharField(allow_blank=True, required=False)
    references = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    other_deadlines = NamedDeadlineSerializer(many=True, required=False)
    attachments = HealthAttachmentSerializer(many=True, required=False)
    figure = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    is_over = serializers.BooleanField(required=False)
    faults = serializers.ListField(child=serializers.CharField(), required=False)
    unrecognised = serializers.ListField(child=serializers.CharField(), required=False)
    notes = serializers.ListField(child=serializers.CharField(), required=False)


class HealthWarningSerializer(serializers.Serializer[Any]):
    """A platform's warning, the clock it runs on and what it freezes."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    platform = serializers.CharField()
    source = EnumField(WarningSource)  # type: ignore[assignment]
    kind = EnumField(WarningKind)
    severity = EnumField(Severity)
    title = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    reading = WarningReadingSerializer()
    original_type = serializers.CharField(allow_blank=True)
    original_size = serializers.IntegerField()
    original_sha256 = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    deadline_basis = serializers.CharField(allow_blank=True)
    hours_left = serializers.CharField(allow_null=True, help_text="Until the deadline, while it runs.")
    state = EnumField(WarningState)
    owner_id = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField(allow_blank=True)
    root_cause = serializers.CharField(allow_blank=True)
    outcome = serializers.CharField(allow_blank=True)
    halt_id = serializers.IntegerField(allow_null=True, help_text="The halt of pricing that it asked for.")
    is_frozen = serializers.BooleanField(help_text="Whether that halt stands at this moment.")
    freeze_released_at = serializers.DateTimeField(allow_null=True)
    freeze_released_by = serializers.CharField(allow_blank=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    submitted_by = serializers.CharField(allow_blank=True)
    submission_reference = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField()
    version = serializers.IntegerField()


class HealthStepSerializer(serializers.Serializer[Any]):
    """A step of the work on a warning."""

    before = serializers.CharField(allow_blank=True)
    after = EnumField(WarningState)
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    by = serializers.CharField()


class HealthStepsSerializer(serializers.Serializer[Any]):
    """Every step, the first one first."""

    data = HealthStepSerializer(many=True)  # type: ignore[assignment]


class FreezeReleaseInput(serializers.Serializer[Any]):
    """Why large operations may go on."""

    reason = serializers.CharField(max_length=400)


class SubmissionInput(serializers.Serializer[Any]):
    """When a person sent the signed plan, and how the platform confirmed it."""

    submitted_at = InstantField()
    reference = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class OutcomeInput(serializers.Serializer[Any]):
    """What the platform answered."""

    is_accepted = serializers.BooleanField()
    note = note_field()


class PlanSectionInput(serializers.Serializer[Any]):
    """A part of the plan; an empty line begins a new paragraph."""

    part = EnumField(Part)
    text = serializers.CharField(max_length=_MOST_TEXT)


class RecoveryPlanInput(serializers.Serializer[Any]):
    """Without `sections` a draft is made from our evidence; with them they are the text."""

    language = EnumField(PlanLanguage)
    sections = PlanSectionInput(many=True, required=False, max_length=len(Part))  # type: ignore[call-arg]
    action_ids = serializers.ListField(
        child=id_field(), required=False, max_length=50, help_text="Actions that belong to the warning."
    )


class PlanParagraphSerializer(serializers.Serializer[Any]):
    """A paragraph with its evidence; a gap is left to a person."""

    text = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    is_gap = serializers.BooleanField()


class PlanSectionSerializer(serializers.Serializer[Any]):
    """A part of the plan."""

    part = EnumField(Part)
    heading = serializers.CharField()
    paragraphs = PlanParagraphSerializer(many=True)


class PlanEvidenceSerializer(serializers.Serializer[Any]):
    """What a plan was drawn from, and the hash of what was read there."""

    id = serializers.CharField()
    what = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    sha256 = serializers.CharField()


class PlanOfActionSerializer(serializers.Serializer[Any]):
    """A version of the plan of action; its text never changes."""

    number = serializers.IntegerField()
    language = EnumField(PlanLanguage)
    sections = PlanSectionSerializer(many=True)
    evidence = PlanEvidenceSerializer(many=True)
    gaps = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField()
    is_drafted = serializers.BooleanField()
    drafted_at = serializers.DateTimeField()
    drafted_by = serializers.CharField()
    signed_at = serializers.DateTimeField(allow_null=True)
    signed_by = serializers.CharField(allow_blank=True)
    sign_note = serializers.CharField(allow_blank=True)
    returned_at = serializers.DateTimeField(allow_null=True)
    returned_by = serializers.CharField(allow_blank=True)
    return_reason = serializers.CharField(allow_blank=True)


class PlansOfActionSerializer(serializers.Serializer[Any]):
    """Every version, the latest first."""

    data = PlanOfActionSerializer(many=True)  # type: ignore[assignment]


class SignOffInput(serializers.Serializer[Any]):
    """What the signer remarks."""

    note = note_field()


class ReturnInput(serializers.Serializer[Any]):
    """What is wrong with a plan."""

    reason = serializers.CharField(max_length=_REASON)


class HealthOutcomeSerializer(serializers.Serializer[Any]):
    """How often answers to a kind of warning with this cause were accepted, with Wilson's 95 % interval."""

    kind = EnumField(WarningKind)
    root_cause = serializers.CharField(allow_blank=True)
    decided = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rate = serializers.CharField()
    low = serializers.CharField()
    high = serializers.CharField()


class HealthOutcomesSerializer(serializers.Serializer[Any]):
    """The outcomes of all that was decided or ran out of time."""

    data = HealthOutcomeSerializer(many=True)  # type: ignore[assignment]


class BinderSerializer(serializers.Serializer[Any]):
    """Everything about a warning; `sha256` is over the rest as canonical JSON (sorted keys)."""

    warning = serializers.DictField()
    history = HealthStepSerializer(many=True)
    plans = PlanOfActionSerializer(many=True)
    sha256 = serializers.CharField()
