"""The tables of alerts."""

from __future__ import annotations

from alerts.models.alerts import Alert as Alert
from alerts.models.alerts import AlertStep as AlertStep
from alerts.models.channels import Channel as Channel
from alerts.models.channels import NoticePreference as NoticePreference
from alerts.models.deliveries import Delivery as Delivery
from alerts.models.feed import FeedEntry as FeedEntry
from alerts.models.health import HealthStep as HealthStep
from alerts.models.health import HealthWarning as HealthWarning
from alerts.models.health import PlanOfAction as PlanOfAction
from alerts.models.incidents import Incident as Incident
from alerts.models.incidents import IncidentEvidence as IncidentEvidence
from alerts.models.incidents import IncidentStep as IncidentStep
from alerts.models.rosters import Attention as Attention
from alerts.models.rosters import DutyRoster as DutyRoster
from alerts.models.rules import AlertRule as AlertRule
from alerts.models.rules import AlertRuleTurn as AlertRuleTurn
from alerts.models.rules import AlertRuleVersion as AlertRuleVersion
from alerts.models.sampling import SampledItem as SampledItem
from alerts.models.sampling import SamplingSetting as SamplingSetting
from alerts.models.silences import Silence as Silence
from alerts.models.work import AlertWork as AlertWork
