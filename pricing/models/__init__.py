"""The tables of pricing."""

from pricing.models.locks import PriceLock as PriceLock
from pricing.models.recommendations import Recommendation as Recommendation
