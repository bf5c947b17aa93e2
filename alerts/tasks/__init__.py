"""The work of alerts that runs in workers, a module per subject."""

from __future__ import annotations

from alerts.tasks import deliver as deliver
from alerts.tasks import evaluate as evaluate
from alerts.tasks import feed as feed
from alerts.tasks import health as health
from alerts.tasks import lifecycle as lifecycle
from alerts.tasks import portfolio as portfolio
from alerts.tasks import sampling as sampling
from alerts.tasks import work as work
