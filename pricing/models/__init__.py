"""The tables of pricing."""

from pricing.models.recommendations import Recommendation as Recommendation
