"""The form of what the formulas' endpoints take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.api.queries import stores_field
from kpis.api.serializers import ValueField
from kpis.engine.formula.parser import MOST_CHARACTERS
from kpis.types import Direction, Grain, Unit


class FormulaNames(serializers.Serializer[Any]):
    """A formula's name by language; English stands in where one is missing."""

    zh = serializers.CharField(max_length=80, required=False, allow_blank=True)
    en = serializers.CharField(max_length=80)
    ja = serializers.CharField(max_length=80, required=False, allow_blank=True)
    es = serializers.CharField(max_length=80, required=False, allow_blank=True)


class FormulaInput(serializers.Serializer[Any]):
    """A formula over measures and KPIs."""

    names = FormulaNames()
    unit = EnumField(Unit)
    direction = EnumField(Direction)
    expression = serializers.CharField(
        max_length=MOST_CHARACTERS,
        help_text="Keys of measures and KPIs, numbers, + - * / ( ), comparisons, and the functions abs, min, "
        "max, coalesce, if, previous, days.",
    )
    note = serializers.CharField(max_length=300, help_text="Where the formula comes from.")
    override_reason = serializers.CharField(
        max_length=300,
        required=False,
        default="",
        allow_blank=True,
        help_text="Required for a change within a quarter.",
    )


class FormulaSerializer(serializers.Serializer[Any]):
    """One version of a formula."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    names = FormulaNames()
    unit = EnumField(Unit)
    direction = EnumField(Direction)
    expression = serializers.CharField()
    note = serializers.CharField()
    override_reason = serializers.CharField(allow_blank=True)
    is_archived = serializers.BooleanField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class FormulaListSerializer(serializers.Serializer[Any]):
    """Formulas, or the versions of one."""

    data = FormulaSerializer(many=True)  # type: ignore[assignment]


class FormulaPreviewInput(serializers.Serializer[Any]):
    """A text to try: nothing is saved."""

    key = serializers.CharField(
        max_length=48,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of the formula it is to replace, if any.",
    )
    expression = serializers.CharField(max_length=MOST_CHARACTERS, allow_blank=True)
    unit = EnumField(Unit)
    store = stores_field()
    grain = EnumField(Grain, required=False, default=Grain.WEEK)
    points = serializers.IntegerField(
        min_value=1, max_value=53, required=False, default=8, help_text="Complete periods of history."
    )


class FaultSerializer(serializers.Serializer[Any]):
    """One thing wrong with a formula; `start` counts characters from 0."""

    code = serializers.CharField()
    start = serializers.IntegerField()
    length = serializers.IntegerField()
    message = serializers.CharField()
    remedy = serializers.CharField()


class PreviewValueSerializer(serializers.Serializer[Any]):
    """What one formula shows for one period."""

    value = ValueField()
    why_missing = serializers.CharField(allow_null=True)


class PreviewPointSerializer(serializers.Serializer[Any]):
    """One period, with a value per formula."""

    period = serializers.CharField()
    start = DayField()
    end = DayField()
    values = PreviewValueSerializer(many=True)


class FormulaPreviewSerializer(serializers.Serializer[Any]):
    """What is wrong with a text, or what it would have shown."""

    is_valid = serializers.BooleanField()  # type: ignore[assignment]
    faults = FaultSerializer(many=True)
    depends_on = serializers.ListField(child=serializers.CharField())
    needs = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Streams, as of a KPI."
    )
    points = PreviewPointSerializer(many=True)


class ParallelQuery(QuerySerializer):
    """Which two versions to compute beside each other, and over how much history."""

    former = serializers.IntegerField(
        min_value=1, required=False, help_text="The version before, if left out."
    )
    store = stores_field()
    grain = EnumField(Grain, required=False)
    points = serializers.IntegerField(min_value=1, max_value=53, required=False)


class ParallelSerializer(serializers.Serializer[Any]):
    """A formula before and after a change, over the same periods: `values` in the order of `versions`."""

    versions = serializers.ListField(child=serializers.IntegerField())
    points = PreviewPointSerializer(many=True)


class MeasureSerializer(serializers.Serializer[Any]):
    """A name that a formula may use beside the KPIs."""

    key = serializers.CharField()
    meaning = serializers.CharField()
    unit = EnumField(Unit)
    basis = serializers.CharField()


class MeasureListSerializer(serializers.Serializer[Any]):
    """Every measure."""

    data = MeasureSerializer(many=True)  # type: ignore[assignment]
