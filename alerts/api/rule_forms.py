"""The form of what the endpoints of alert rules take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.detectors import DETECTORS
from alerts.selectors.backtest import DAYS
from alerts.types import Severity
from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField

DETECTOR_KEYS = list(DETECTORS.keys())

LARGEST = 2**63 - 1


class RulePolicySerializer(serializers.Serializer[Any]):
    """How checks become notices."""

    breaches = serializers.IntegerField(help_text="So many of the last checks must be breaches.")
    of_checks = serializers.IntegerField(help_text="So many checks are looked at.")
    clear_checks = serializers.IntegerField(help_text="So many clear checks in a row end it.")
    pending_minutes = serializers.IntegerField(help_text="So long it must last before it fires.")
    repeat_hours = serializers.IntegerField(help_text="It is repeated so often while it fires; 0: never.")
    flap_hold_minutes = serializers.IntegerField(help_text="Coming back sooner, it is held back.")
    escalate_after_hours = DecimalString(allow_null=True, help_text="Null: by the contract's SLA class.")
    is_once = serializers.BooleanField(help_text="Fires once until somebody resets it.")


class RulePolicyInput(serializers.Serializer[Any]):
    """How checks become notices; what is left out is as the detector has it."""

    breaches = serializers.IntegerField(required=False)
    of_checks = serializers.IntegerField(required=False)
    clear_checks = serializers.IntegerField(required=False)
    pending_minutes = serializers.IntegerField(required=False)
    repeat_hours = serializers.IntegerField(required=False)
    flap_hold_minutes = serializers.IntegerField(required=False)
    escalate_after_hours = serializers.CharField(required=False, allow_null=True, max_length=20)
    is_once = serializers.BooleanField(required=False)


class AlertRuleBody(serializers.Serializer[Any]):
    """What a rule is to say."""

    title = serializers.CharField(max_length=160)
    parameters = serializers.DictField(
        required=False, default=dict, help_text="As GET alert-detectors describes them."
    )
    store_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        required=False,
        default=list,
        max_length=1000,
        help_text="Every store of the client if empty.",
    )
    severity = EnumField(Severity, required=False, help_text="As the detector has it when left out.")
    policy = RulePolicyInput(required=False)
    owner = serializers.CharField(
        max_length=150, required=False, default="", allow_blank=True, help_text="A position or a person."
    )
    is_required = serializers.BooleanField(
        required=False, default=False, help_text="Cannot be in force while nobody would hear of it."
    )
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class AlertRuleInput(AlertRuleBody):
    """A new rule."""

    key = serializers.RegexField(
        r"^[a-z0-9][a-z0-9_-]*$", max_length=60, help_text="Lower-case letters, digits, - and _."
    )
    detector = serializers.ChoiceField(choices=DETECTOR_KEYS)


class AlertRuleQuery(PageQuery):
    """Which rules to list."""

    detector = serializers.ChoiceField(choices=DETECTOR_KEYS, required=False)
    severity = EnumField(Severity, required=False)
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)


class AlertRuleSerializer(serializers.Serializer[Any]):
    """A rule with what it says now, and how its last looks went."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    detector = serializers.ChoiceField(choices=DETECTOR_KEYS)
    title = serializers.CharField()
    store_ids = serializers.ListField(child=serializers.IntegerField())
    parameters = serializers.DictField()
    severity = EnumField(Severity)
    policy = RulePolicySerializer()
    owner = serializers.CharField(allow_blank=True)
    is_required = serializers.BooleanField()
    is_active = serializers.BooleanField()
    in_force = serializers.IntegerField(help_text="The number of the version that counts.")
    version = serializers.IntegerField(help_text="The number in the ETag; it rises with every change.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    updated_at = serializers.DateTimeField()
    next_check_at = serializers.DateTimeField()
    last_checked_at = serializers.DateTimeField(allow_null=True)
    failures = serializers.IntegerField(help_text="In a row; 0 after a look that went well.")
    problem = serializers.CharField(allow_blank=True)
    broken_at = serializers.DateTimeField(allow_null=True)


class AlertRuleVersionSerializer(serializers.Serializer[Any]):
    """What a rule said when it was saved; it never changes."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    store_ids = serializers.ListField(child=serializers.IntegerField())
    parameters = serializers.DictField()
    severity = EnumField(Severity)
    policy = RulePolicySerializer()
    owner = serializers.CharField(allow_blank=True)
    is_required = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)
    saved_at = serializers.DateTimeField()
    saved_by = serializers.CharField()


class RuleDeactivationInput(serializers.Serializer[Any]):
    """Why a rule is taken out of force."""

    reason = serializers.CharField(max_length=300)


class RuleTrialInput(serializers.Serializer[Any]):
    """Which rule to try: a saved one by its key, or one that is only written down yet."""

    key = serializers.CharField(max_length=60, required=False)
    detector = serializers.ChoiceField(choices=DETECTOR_KEYS, required=False)
    rule = AlertRuleBody(required=False)
    days = serializers.IntegerField(min_value=7, max_value=365, required=False, default=DAYS)


class TrialEpisodeSerializer(serializers.Serializer[Any]):
    """An alert that would have fired."""

    store_id = serializers.IntegerField(allow_null=True)
    subject = serializers.CharField()
    severity = EnumField(Severity)
    fired_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True, help_text="Null: it still would.")
    observed = DecimalString(allow_null=True)
    limit = DecimalString(allow_null=True)
    unit = serializers.CharField()
    basis = serializers.CharField()


class RuleTrialSerializer(serializers.Serializer[Any]):
    """What a rule would have done, looked at once a day, on figures as they are known today."""

    text = serializers.CharField(help_text="Such as: It would have fired 3 times in 90 days.")
    is_possible = serializers.BooleanField()
    days = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    fired = serializers.IntegerField()
    notices = serializers.IntegerField(help_text="Everything that people would have been told.")
    checks = serializers.IntegerField()
    without_data = serializers.IntegerField()
    episodes = TrialEpisodeSerializer(many=True, help_text="The latest first, at most 200.")


class ActivatedRuleSerializer(AlertRuleSerializer):
    """A rule put in force, with what it would have done."""

    trial = RuleTrialSerializer()


class InstallInput(serializers.Serializer[Any]):
    """Which rules of the library to install; all when left out."""

    keys = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=100, allow_empty=False
    )


class InstalledSerializer(serializers.Serializer[Any]):
    """What became of the library."""

    active = serializers.ListField(child=serializers.CharField(), help_text="Made and in force.")
    waiting = serializers.ListField(
        child=serializers.CharField(), help_text="Made, but nobody would hear of them yet."
    )
    present = serializers.ListField(child=serializers.CharField(), help_text="There already; unchanged.")


class DetectorSerializer(serializers.Serializer[Any]):
    """A way to find out that something is wrong."""

    key = serializers.ChoiceField(choices=DETECTOR_KEYS)
    title = serializers.CharField()
    meaning = serializers.CharField()
    severity = EnumField(Severity)
    policy = RulePolicySerializer()
    cadence_minutes = serializers.IntegerField(help_text="How often it looks by the clock.")
    listens = serializers.ListField(child=serializers.CharField(), help_text="News after which it looks.")
    can_look_back = serializers.BooleanField(help_text="Whether a rule of it can be tried on history.")
    parameters = serializers.DictField(help_text="JSON Schema (2020-12) of a rule's parameters.")


class DetectorsSerializer(serializers.Serializer[Any]):
    """Every detector."""

    data = DetectorSerializer(many=True)  # type: ignore[assignment]
