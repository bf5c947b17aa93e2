"""The form of what the endpoints of price tests take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from pricing.api.boundary import boundary_field
from pricing.api.lock_forms import id_field
from pricing.api.recommendation_forms import PriceReasonSerializer
from pricing.engine.switchback import LEAST_BLOCKS, Arm
from pricing.engine.trial import DayState, TrialState, TrialVerdict
from pricing.services.trial_plans import LEAST_WASHOUT, MOST_DAYS

ZERO, ONE = Decimal(0), Decimal(1)
_LEAST = Decimal("0.001")


def _number(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, **kwargs)


def _change(default: str, **kwargs: Any) -> DecimalString:
    return DecimalString(
        max_decimals=4, minimum=-ONE, maximum=ZERO, required=False, default=Decimal(default), **kwargs
    )


class DesignInput(serializers.Serializer[Any]):
    """How long a test is to run, and what it is to show."""

    store_id = id_field()
    sku = serializers.CharField(max_length=100)
    blocks = serializers.IntegerField(
        min_value=LEAST_BLOCKS, max_value=MOST_DAYS, required=False, default=12, help_text="An even number."
    )
    block_days = serializers.IntegerField(min_value=2, max_value=14, required=False, default=3)
    washout_days = serializers.IntegerField(
        min_value=LEAST_WASHOUT,
        max_value=13,
        required=False,
        default=1,
        help_text="The first days of a block, which do not count.",
    )
    wanted = DecimalString(
        max_decimals=4,
        minimum=_LEAST,
        maximum=ONE,
        required=False,
        default=Decimal("0.10"),
        help_text="The change that must show, as a share of what a session keeps now.",
    )


class PriceTestInput(DesignInput):
    """A price test as it is planned; a person sets the prices on the platform."""

    name = serializers.CharField(max_length=200, help_text="What it is to find out.")
    control_price = MoneyField(minor_units=True, minimum=Decimal("0.0001"))
    treatment_price = MoneyField(minor_units=True, minimum=Decimal("0.0001"))
    start_on = DayField(help_text="A shop day later than today.")
    least_units_change = _change("-0.5", help_text="It stops where units a day fall by more.")
    least_buy_box_change = _change("-0.1", help_text="It stops where the Buy Box share falls by more.")
    seed = serializers.CharField(
        max_length=64, required=False, default="", allow_blank=True, help_text="Drawn unless told."
    )


class PowerSerializer(serializers.Serializer[Any]):
    """What a design can show, judged by the listing's last eight weeks (contribution per session and day)."""

    history_days = serializers.IntegerField(help_text="Days with visits and one price.")
    mean = _number()
    deviation = _number()
    autocorrelation = _number(help_text="Likeness to the day before.")
    counted_days = serializers.IntegerField(help_text="Days of both arms that count.")
    detectable = _number(help_text="The smallest change shown in four of five such tests, as a share.")
    wanted = _number()
    days_needed = serializers.IntegerField(
        allow_null=True, help_text="Days, washout included, for the change that is wanted."
    )
    is_long_enough = serializers.BooleanField()


class TestWarningSerializer(serializers.Serializer[Any]):
    """What a test of this length cannot show."""

    code = serializers.CharField()
    text = serializers.CharField()


class PowerAnswerSerializer(serializers.Serializer[Any]):
    """What a design can show."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    power = PowerSerializer()
    warnings = TestWarningSerializer(many=True)
    boundary = boundary_field()


class TestGuardrailsSerializer(serializers.Serializer[Any]):
    """What stops a test."""

    least_units_change = serializers.CharField()
    least_buy_box_change = serializers.CharField()


class CountedDaySerializer(serializers.Serializer[Any]):
    """A day as it was when the verdict was made."""

    on = serializers.DateField()
    arm = EnumField(Arm)
    state = EnumField(DayState)
    units = serializers.IntegerField()
    sessions = serializers.IntegerField()


class ArmAmountsSerializer(serializers.Serializer[Any]):
    """An amount per arm."""

    control = serializers.CharField()
    treatment = serializers.CharField()


class TestResultSerializer(serializers.Serializer[Any]):
    """The compared arms: contribution per session, in the store's currency."""

    control = _number()
    treatment = _number()
    difference = _number(help_text="Treatment less control.")
    p_value = _number(help_text="How often a draw would show as much if the price changed nothing.")
    low = _number(help_text="The 95 % interval of the difference; null: unbounded.")
    high = _number()
    days = serializers.IntegerField(help_text="Days that counted.")
    assignments = serializers.IntegerField(help_text="Draws it was compared with.")
    text = serializers.CharField()
    contribution = ArmAmountsSerializer(help_text="What a unit keeps at either price.")
    day_states = serializers.DictField(child=serializers.IntegerField())
    counted = CountedDaySerializer(many=True)


class PriceTestSerializer(serializers.Serializer[Any]):
    """A price test and where it stands."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    control_price = MoneyField()
    treatment_price = MoneyField()
    start_on = serializers.DateField()
    last_on = serializers.DateField()
    blocks = serializers.IntegerField()
    block_days = serializers.IntegerField()
    washout_days = serializers.IntegerField()
    seed = serializers.CharField()
    power = PowerSerializer()
    warnings = TestWarningSerializer(many=True)
    guardrails = TestGuardrailsSerializer()
    state = EnumField(TrialState)
    version = serializers.IntegerField()
    planned_at = serializers.DateTimeField()
    planned_by = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    reasons = PriceReasonSerializer(many=True)
    verdict = EnumField(TrialVerdict, allow_null=True)
    result = TestResultSerializer(allow_null=True)
    recommendation_id = serializers.IntegerField(
        allow_null=True, help_text="The suggestion of the price to keep, where another one stood."
    )
    boundary = boundary_field()


class TrialDaySerializer(serializers.Serializer[Any]):
    """A day of the calendar: the price to be shown, and what was seen."""

    on = serializers.DateField()
    block = serializers.IntegerField(help_text="From 1.")
    arm = EnumField(Arm)
    price = MoneyField()
    state = EnumField(DayState)
    seen_prices = serializers.ListField(child=MoneyField())
    units = serializers.IntegerField()
    sessions = serializers.IntegerField()


class TestStepSerializer(serializers.Serializer[Any]):
    """What a person has to do, and when: early on the shop day."""

    on = serializers.DateField()
    price = MoneyField()
    text = serializers.CharField()


class ComplianceSerializer(serializers.Serializer[Any]):
    """How many days came out how."""

    counted = serializers.IntegerField()
    washout = serializers.IntegerField()
    other_price = serializers.IntegerField(help_text="Another price was seen: not counted.")
    price_unknown = serializers.IntegerField()
    no_visits = serializers.IntegerField()
    ahead = serializers.IntegerField()


class PriceTestDetailSerializer(PriceTestSerializer):
    """A price test with its calendar, the steps a person takes and what was seen of them."""

    calendar = TrialDaySerializer(many=True)
    steps = TestStepSerializer(many=True)
    compliance = ComplianceSerializer()


class PriceTestQuery(PageQuery):
    """Which tests to list."""

    store = id_field(required=False)
    sku = serializers.CharField(required=False, max_length=100)
    state = EnumField(TrialState, required=False)


class TestStopInput(serializers.Serializer[Any]):
    """Why it is stopped."""

    reason = serializers.CharField(max_length=300)
