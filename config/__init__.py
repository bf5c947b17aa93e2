"""Assembly of the product. The Celery application is exported here because Celery's tools look for it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
