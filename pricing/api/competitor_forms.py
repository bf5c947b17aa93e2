"""The form of what the endpoints of competitors, price bands and advice take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from connectors.types import FulfilmentChannel
from pricing.api.boundary import boundary_field
from pricing.engine.buy_box import Verdict
from pricing.engine.offers import Drop
from pricing.engine.sources import SisterRelation, SourceBasis
from pricing.services.competitor_offers import MOST_OFFERS

_LARGEST = 2**63 - 1
_ZERO = Decimal(0)


def _id(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=_LARGEST, **kwargs)


def _share(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=10, **kwargs)


def _values() -> serializers.DictField:
    return serializers.DictField(child=serializers.CharField(allow_blank=True))


class ReasonSerializer(serializers.Serializer[Any]):
    """Why: a stable code, a sentence in English, the figures in it."""

    code = serializers.CharField()
    text = serializers.CharField()
    values = _values()


class SisterInput(serializers.Serializer[Any]):
    """A seller who is no rival."""

    seller_id = serializers.CharField(max_length=40)
    platform = serializers.CharField(
        max_length=24, required=False, default="", allow_blank=True, help_text="Empty: on every platform."
    )
    relation = EnumField(SisterRelation)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class SisterChange(serializers.Serializer[Any]):
    """Whether a registered seller still counts as ours."""

    is_active = serializers.BooleanField()
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class SisterSerializer(serializers.Serializer[Any]):
    """A registered seller."""

    id = serializers.IntegerField()
    seller_id = serializers.CharField()
    platform = serializers.CharField(allow_blank=True)
    relation = EnumField(SisterRelation)
    note = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    boundary = boundary_field()


class RegisterQuery(PageQuery):
    """Which entries to list."""

    active = serializers.BooleanField(required=False, help_text="True: only those in force.")


class SourceInput(serializers.Serializer[Any]):
    """A source of rivals' offers beside the platform's interface, and on what ground it may be used."""

    key = serializers.SlugField(max_length=40)
    market = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=2, help_text="Empty: in every market."
    )
    title = serializers.CharField(max_length=120)
    basis = EnumField(SourceBasis)
    reference = serializers.CharField(max_length=500, help_text="Where the permission is written.")
    allowed_on = DayField(help_text="The first day on which it may be used.")


class SourceChange(serializers.Serializer[Any]):
    """Whether a source may still be used, and where that is written."""

    is_active = serializers.BooleanField()
    reference = serializers.CharField(max_length=500)


class PriceSourceSerializer(serializers.Serializer[Any]):
    """A permitted source."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    market = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    basis = EnumField(SourceBasis)
    reference = serializers.CharField()
    allowed_on = serializers.DateField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    boundary = boundary_field()


class SeenOfferInput(serializers.Serializer[Any]):
    """An offer of another seller as it was seen."""

    product_id = serializers.CharField(max_length=40, help_text="Our product that it competes with.")
    seller_id = serializers.CharField(max_length=40)
    condition = serializers.CharField(max_length=40, required=False, default="new")
    channel = EnumField(FulfilmentChannel, required=False, default=FulfilmentChannel.MERCHANT)
    observed_at = InstantField()
    price = MoneyField(minor_units=True, minimum=_ZERO)
    shipping = MoneyField(minor_units=True, minimum=_ZERO, required=False, help_text="None: no charge.")
    points = MoneyField(minor_units=True, minimum=_ZERO, required=False, help_text="Their worth in money.")
    pack_size = serializers.IntegerField(
        min_value=1,
        max_value=10_000,
        required=False,
        allow_null=True,
        default=None,
        help_text="Pieces in the pack; an offer whose pack nobody knows is kept and does not count.",
    )
    reference = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class SeenOffersInput(serializers.Serializer[Any]):
    """Offers seen in one permitted source."""

    store_id = _id()
    source = serializers.SlugField(max_length=40)  # type: ignore[assignment]
    offers = serializers.ListField(child=SeenOfferInput(), min_length=1, max_length=MOST_OFFERS)


class RecordedOffersSerializer(serializers.Serializer[Any]):
    """What became of them."""

    recorded = serializers.IntegerField(help_text="New or changed.")
    unchanged = serializers.IntegerField()
    run_id = serializers.IntegerField(allow_null=True)
    boundary = boundary_field()


class RivalOfferSerializer(serializers.Serializer[Any]):
    """An offer with the verdict on it; `dropped_because` null: it counts."""

    seller_id = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    condition = serializers.CharField(allow_blank=True)
    channel = serializers.CharField()
    observed_at = serializers.DateTimeField()
    price = MoneyField()
    shipping = MoneyField()
    points = MoneyField()
    landed = MoneyField()
    unit_price = MoneyField(allow_null=True, help_text="The landed price of one piece.")
    pack_size = serializers.IntegerField(allow_null=True)
    is_featured = serializers.BooleanField()
    dropped_because = EnumField(Drop, allow_null=True)


class RivalsSerializer(serializers.Serializer[Any]):
    """The comparable offers of others for a listing, and everything that was left out."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    product_id = serializers.CharField()
    at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(allow_null=True)
    count = serializers.IntegerField()
    lowest = MoneyField(allow_null=True)
    featured = MoneyField(allow_null=True)
    own_landed = MoneyField(allow_null=True)
    is_own_featured = serializers.BooleanField(allow_null=True)
    dropped = serializers.DictField(child=serializers.IntegerField())
    offers = RivalOfferSerializer(many=True)
    boundary = boundary_field()


class BuyBoxSerializer(serializers.Serializer[Any]):
    """What the price can do for the featured offer; price is one factor of several."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    verdict = EnumField(Verdict)
    reasons = ReasonSerializer(many=True)
    price = MoneyField(allow_null=True)
    matching_price = MoneyField(
        allow_null=True, help_text="Our shown price at which ours lands where the featured offer does."
    )
    floor = MoneyField(allow_null=True)
    keeps_floor = serializers.BooleanField(allow_null=True)
    gap = _share(allow_null=True, help_text="(ours − featured) / featured, landed.")
    featured = MoneyField(allow_null=True)
    lowest = MoneyField(allow_null=True)
    own_landed = MoneyField(allow_null=True)
    featured_share = _share(allow_null=True, help_text="Of views as featured offer in the last seven days.")
    rivals = serializers.IntegerField()
    dropped = serializers.DictField(child=serializers.IntegerField())
    as_of = serializers.DateTimeField(allow_null=True)
    boundary = boundary_field()


class BandsQuery(QuerySerializer):
    """Which prices to spread, and over which bands."""

    store = _id(help_text="The store whose market and products are looked at.")
    category = serializers.CharField(required=False, max_length=120, help_text="One of the product master.")
    edges = serializers.CharField(
        required=False, max_length=400, help_text='Inner bounds of the bands, "10,20.50,30".'
    )
    parts = serializers.IntegerField(
        required=False, min_value=2, max_value=20, help_text="Equal shares instead of edges; 5 unless told."
    )


class PriceBandSerializer(serializers.Serializer[Any]):
    """Prices from `low` (included) to `high` (excluded)."""

    low = MoneyField(allow_null=True)
    high = MoneyField(allow_null=True)
    count = serializers.IntegerField()
    share = _share()
    own_count = serializers.IntegerField()


class CompetitivenessSerializer(serializers.Serializer[Any]):
    """exp(mean ln(ours/lowest rival)) with its 95 % interval (Student's t over products)."""

    sample = serializers.IntegerField()
    index = _share(allow_null=True)
    low = _share(allow_null=True)
    high = _share(allow_null=True)


class PriceBandsSerializer(serializers.Serializer[Any]):
    """The spread of a market's prices with its sample size."""

    market = serializers.CharField()
    currency = serializers.CharField()
    category = serializers.CharField(allow_blank=True)
    products = serializers.IntegerField()
    with_rivals = serializers.IntegerField()
    sample = serializers.IntegerField(help_text="Comparable offers of others.")
    is_enough = serializers.BooleanField(help_text="False: fewer than ten offers; read with care.")
    bands = PriceBandSerializer(many=True)
    own_median = MoneyField(allow_null=True)
    below_own = _share(allow_null=True, help_text="Share of others' offers below the median of ours.")
    competitiveness = CompetitivenessSerializer()
    dropped = serializers.DictField(child=serializers.IntegerField())
    as_of = serializers.DateTimeField(allow_null=True)
    boundary = boundary_field()


class IndependenceQuery(QuerySerializer):
    """Over which days to look."""

    days = serializers.IntegerField(required=False, min_value=14, max_value=400, help_text="90 unless told.")


class DerivedSerializer(serializers.Serializer[Any]):
    """A market whose prices of a SKU follow another market's."""

    market = serializers.CharField()
    from_market = serializers.CharField()
    sku = serializers.CharField()
    factor = _share()
    matches = serializers.IntegerField()
    sets = serializers.IntegerField()
    reason = serializers.CharField()


class ForeignReferenceSerializer(serializers.Serializer[Any]):
    """A rule set in force for one market that speaks of another."""

    rule_set_id = serializers.IntegerField()
    market = serializers.CharField()
    other = serializers.CharField()
    pointer = serializers.CharField()
    text = serializers.CharField()


class IndependenceSerializer(serializers.Serializer[Any]):
    """What looks as if a market's prices were not its own. Warnings: each is for a person to judge."""

    days = serializers.IntegerField()
    derived = DerivedSerializer(many=True)
    references = ForeignReferenceSerializer(many=True)
    boundary = boundary_field()


class AdviceInput(serializers.Serializer[Any]):
    """A request in anybody's words, or the code of a topic."""

    text = serializers.CharField(max_length=4000)


class AdviceSerializer(serializers.Serializer[Any]):
    """Whether it is refused, by which policy, and what is lawful instead, in the language of the answer."""

    is_refused = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)
    alternative = serializers.CharField(allow_null=True)
    boundary = boundary_field()


class SurchargeInput(serializers.Serializer[Any]):
    """A charge that would come on top of the shown price."""

    name = serializers.CharField(max_length=80)
    amount = MoneyField(minor_units=True, minimum=_ZERO)


class PackInput(serializers.Serializer[Any]):
    """The same goods in another pack."""

    pieces = serializers.IntegerField(min_value=1, max_value=10_000)
    price = MoneyField(minor_units=True, minimum=_ZERO)


class PriceCheckInput(serializers.Serializer[Any]):
    """A price that somebody thinks of, and what the offer would show beside it."""

    price = MoneyField(minor_units=True, minimum=Decimal("0.01"))
    reference_price = MoneyField(minor_units=True, minimum=_ZERO, required=False, help_text='A "was" price.')
    points = MoneyField(minor_units=True, minimum=_ZERO, required=False, help_text="Their worth in money.")
    coupon = MoneyField(minor_units=True, minimum=_ZERO, required=False)
    external_price = MoneyField(
        minor_units=True, minimum=_ZERO, required=False, help_text="The lowest price elsewhere."
    )
    is_tax_included = serializers.BooleanField(required=False, default=True)
    surcharges = serializers.ListField(child=SurchargeInput(), required=False, default=list, max_length=20)
    packs = serializers.ListField(child=PackInput(), required=False, default=list, max_length=20)
    emergency_since = DayField(
        required=False, allow_null=True, default=None, help_text="The first day of a declared emergency."
    )


class PriceCheckSerializer(serializers.Serializer[Any]):
    """What a law or a platform's policy says to the price."""

    code = serializers.CharField()
    blocks = serializers.BooleanField(help_text="True: the price is not suggested and not approved.")
    text = serializers.CharField()
    reference = serializers.CharField(help_text="Where the rule is written.")
    values = _values()


class PriceChecksSerializer(serializers.Serializer[Any]):
    """Everything that speaks against a price; none: an empty list."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    price = MoneyField()
    is_blocked = serializers.BooleanField()
    checks = PriceCheckSerializer(many=True)
    boundary = boundary_field()
