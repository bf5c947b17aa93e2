"""The tables of connectors; the star schema of facts is imported so that Django finds it."""

from connectors.facts.ads import AdDay
from connectors.facts.cash import Expense, Payout
from connectors.facts.catalog import Listing
from connectors.facts.charges import Charge
from connectors.facts.costs import CostingRule, CostLot, CostSheet, CostSheetLine
from connectors.facts.deliveries import CustomsDeclaration, InboundShipment, Shipment
from connectors.facts.fees import FeeEstimate
from connectors.facts.happenings import Event, WorkItem
from connectors.facts.inventory import InventoryAge, InventoryDay
from connectors.facts.offers import OfferSnapshot
from connectors.facts.orders import OrderLine
from connectors.facts.proofs import Certificate, Evidence
from connectors.facts.reach import FunnelDay, RankDay
from connectors.facts.returns import Return
from connectors.facts.service import Feedback, Performance
from connectors.facts.settlements import SettlementLine
from connectors.facts.traffic import TrafficDay
from connectors.facts.voices import Claim, Conversation, Review, Survey
from connectors.models.connections import Store, StoreConnection
from connectors.models.sync import (
    DirtyDay,
    OutboundCall,
    RawPage,
    RejectedRecord,
    StreamCursor,
    SyncRun,
    Upload,
)
from connectors.models.uploads import Product, UploadedFile, UploadFault, UploadPlan, UploadProfile

__all__ = [
    "AdDay",
    "Certificate",
    "Charge",
    "Claim",
    "Conversation",
    "CostLot",
    "CostSheet",
    "CostSheetLine",
    "CostingRule",
    "CustomsDeclaration",
    "DirtyDay",
    "Event",
    "Evidence",
    "Expense",
    "FeeEstimate",
    "Feedback",
    "FunnelDay",
    "InboundShipment",
    "InventoryAge",
    "InventoryDay",
    "Listing",
    "OfferSnapshot",
    "OrderLine",
    "OutboundCall",
    "Payout",
    "Performance",
    "Product",
    "RankDay",
    "RawPage",
    "RejectedRecord",
    "Return",
    "Review",
    "SettlementLine",
    "Shipment",
    "Store",
    "StoreConnection",
    "StreamCursor",
    "Survey",
    "SyncRun",
    "TrafficDay",
    "Upload",
    "UploadFault",
    "UploadPlan",
    "UploadProfile",
    "UploadedFile",
    "WorkItem",
]
