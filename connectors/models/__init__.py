"""The tables of connectors; the star schema of facts is imported so that Django finds it."""

from connectors.facts.ads import AdDay
from connectors.facts.catalog import Listing
from connectors.facts.charges import Charge
from connectors.facts.costs import CostSheet, CostSheetLine
from connectors.facts.fees import FeeEstimate
from connectors.facts.inventory import InventoryAge, InventoryDay
from connectors.facts.offers import OfferSnapshot
from connectors.facts.orders import OrderLine
from connectors.facts.returns import Return
from connectors.facts.service import Feedback, Performance
from connectors.facts.settlements import SettlementLine
from connectors.facts.traffic import TrafficDay
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

__all__ = [
    "AdDay",
    "Charge",
    "CostSheet",
    "CostSheetLine",
    "DirtyDay",
    "FeeEstimate",
    "Feedback",
    "InventoryAge",
    "InventoryDay",
    "Listing",
    "OfferSnapshot",
    "OrderLine",
    "OutboundCall",
    "Performance",
    "RawPage",
    "RejectedRecord",
    "Return",
    "SettlementLine",
    "Store",
    "StoreConnection",
    "StreamCursor",
    "SyncRun",
    "TrafficDay",
    "Upload",
]
