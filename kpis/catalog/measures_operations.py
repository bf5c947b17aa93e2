"""The sources and measures of deliveries, voices, papers, the team's work and cash, in one list."""

from __future__ import annotations

from kpis.catalog.measures_money import MONEY_MEASURES, MONEY_SOURCES
from kpis.catalog.measures_proofs import PROOF_MEASURES, PROOF_SOURCES
from kpis.catalog.measures_shipments import SHIPMENT_MEASURES, SHIPMENT_SOURCES
from kpis.catalog.measures_voices import VOICE_MEASURES, VOICE_SOURCES
from kpis.catalog.measures_work import WORK_MEASURES, WORK_SOURCES

OPERATIONS_SOURCES = (*SHIPMENT_SOURCES, *VOICE_SOURCES, *PROOF_SOURCES, *WORK_SOURCES, *MONEY_SOURCES)
OPERATIONS_MEASURES = (
    *SHIPMENT_MEASURES,
    *VOICE_MEASURES,
    *PROOF_MEASURES,
    *WORK_MEASURES,
    *MONEY_MEASURES,
)
