"""The form of what the checklist of causes takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.schema import EnumField
from kpis.api.decomposition_forms import ComparisonQuery
from kpis.engine.attribution.verdict import Cause, DataQuality, Likelihood


def _number(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=10, allow_null=True, **kwargs)


class AttributionQuery(ComparisonQuery):
    """Which KPI's move to look into."""

    kpi = serializers.SlugField(
        max_length=80, help_text="A KPI of sales or profit, such as gross_margin_pct."
    )


class CauseEvidenceSerializer(serializers.Serializer[Any]):
    """One observation behind a verdict."""

    figure = serializers.CharField(help_text="A KPI's key, or the name of what was seen.")
    sku = serializers.CharField(allow_null=True)
    before = _number()
    after = _number()
    note = serializers.CharField(allow_blank=True)
    link = serializers.CharField(allow_null=True, help_text="The rows behind it.")


class CauseVerdictSerializer(serializers.Serializer[Any]):
    """What is to be thought of a cause."""

    cause = EnumField(Cause)
    verdict = EnumField(Likelihood)
    strength = _number(help_text="0 to 1; 1 moved a tenth of net sales or more.")
    contribution = _number(help_text="Estimate of what it did, in the store's money; null where unknown.")
    points = _number(help_text="What a cost did to the margin as a share of net sales.")
    data_quality = EnumField(DataQuality)
    evidence = CauseEvidenceSerializer(many=True)


class StoreAttributionSerializer(serializers.Serializer[Any]):
    """A store's move and every cause, the most likely first."""

    store = serializers.IntegerField()
    name = serializers.CharField()
    currency = serializers.CharField()
    before = _number()
    after = _number()
    change = _number()
    explained = _number(help_text="What the likely causes did together.")
    unexplained = _number(help_text="The rest of the change.")
    is_unexplained = serializers.BooleanField(help_text="No cause is likely or even possible.")
    causes = CauseVerdictSerializer(many=True)


class AttributionSerializer(serializers.Serializer[Any]):
    """What may have moved a KPI between two periods."""

    kpi = serializers.CharField()
    measured_in = serializers.CharField(help_text="net_sales, or cm3: the margin after advertising.")
    period = serializers.CharField()
    compare = serializers.CharField()
    stores = StoreAttributionSerializer(many=True)
