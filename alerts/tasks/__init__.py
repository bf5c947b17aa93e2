"""The work of alerts that runs in workers, a module per subject."""

from alerts.tasks import health as health
from alerts.tasks import lifecycle as lifecycle
from alerts.tasks import portfolio as portfolio
