"""The tables of pricing."""

from pricing.models.approvals import ApprovalDecision as ApprovalDecision
from pricing.models.approvals import ApprovalPolicy as ApprovalPolicy
from pricing.models.approvals import ApprovalReminder as ApprovalReminder
from pricing.models.competitors import PermittedSource as PermittedSource
from pricing.models.competitors import SisterSeller as SisterSeller
from pricing.models.competitors import SourcedOffer as SourcedOffer
from pricing.models.halts import PriceHalt as PriceHalt
from pricing.models.history import PriceExecution as PriceExecution
from pricing.models.history import PriceObservation as PriceObservation
from pricing.models.locks import PriceLock as PriceLock
from pricing.models.outcomes import PriceOutcome as PriceOutcome
from pricing.models.overrides import FeeOverride as FeeOverride
from pricing.models.policies import PricingPolicy as PricingPolicy
from pricing.models.price_facts import PriceFact as PriceFact
from pricing.models.profiles import ListingProfile as ListingProfile
from pricing.models.promotions import Promotion as Promotion
from pricing.models.promotions import PromotionItem as PromotionItem
from pricing.models.recommendations import Recommendation as Recommendation
from pricing.models.rule_sets import PriceRuleSet as PriceRuleSet
from pricing.models.rule_sets import PriceRuleSetActivation as PriceRuleSetActivation
from pricing.models.rule_sets import PriceRuleSetVersion as PriceRuleSetVersion
from pricing.models.runs import PricingRun as PricingRun
from pricing.models.runs import PricingRunEvent as PricingRunEvent
from pricing.models.runs import PricingRunItem as PricingRunItem
