"""The work of pricing that runs in workers, a module per subject."""

from __future__ import annotations

from pricing.tasks import approvals as approvals
from pricing.tasks import experiments as experiments
from pricing.tasks import promotions as promotions
from pricing.tasks import recommendations as recommendations
