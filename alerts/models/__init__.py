"""The tables of alerts."""

from __future__ import annotations

from alerts.models.rules import AlertRule as AlertRule
from alerts.models.rules import AlertRuleTurn as AlertRuleTurn
from alerts.models.rules import AlertRuleVersion as AlertRuleVersion
