"""The tables of pricing."""

from pricing.models.locks import PriceLock as PriceLock
from pricing.models.policies import PricingPolicy as PricingPolicy
from pricing.models.profiles import ListingProfile as ListingProfile
from pricing.models.competitors import PermittedSource as PermittedSource
from pricing.models.competitors import SisterSeller as SisterSeller
from pricing.models.competitors import SourcedOffer as SourcedOffer
from pricing.models.recommendations import Recommendation as Recommendation
