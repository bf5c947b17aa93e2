"""Which days became out of date because time has passed: a promise fell due, a reply is late.

No fact changed, so nothing else would have them computed anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from config.lib.calendars import business_day
from connectors.selectors.stores import list_stores
from connectors.services.dirty import DirtyMark
from connectors.types import Family
from kpis.catalog.measures_shipments import DELIVERY_LAG_DAYS
from kpis.catalog.measures_voices import RESPONSE_HOURS

# The daily look may have been missed for a week; 24 business hours may take that long over holidays too.
LOOK_BACK = timedelta(days=16)
# Nothing is promised longer ahead; it lets the indexes on the day find the rows.
LONGEST_WAIT = timedelta(days=120)

_DUE = f"""
select store_id, business_on, 'shipments' from fact_shipment
where store_id = any(%(stores)s) and business_on > %(earliest)s and cancelled_by = ''
  and (promised_at > %(since)s - interval '{DELIVERY_LAG_DAYS} days'
         and promised_at <= %(now)s - interval '{DELIVERY_LAG_DAYS} days'
       or shipped_at is null and paid_at > %(since)s and paid_at <= %(now)s - interval '1 day')
union
select store_id, business_on, 'conversations' from fact_conversation
where store_id = any(%(stores)s) and business_on > %(earliest)s
  and needs_reply and first_response_at is null
  and opened_at > %(since)s and opened_at <= %(now)s - interval '{RESPONSE_HOURS} hours'
union
select store_id, business_on, 'work' from fact_work_item
where store_id = any(%(stores)s) and business_on > %(earliest)s
  and finished_at is null and due_at > %(since)s and due_at <= %(now)s"""  # noqa: S608 - constants only

_WITH_PAPERS = "select distinct store_id from fact_certificate where store_id = any(%s)"


def list_due_days(now: datetime) -> list[DirtyMark]:
    """Return the days on which something fell due in the 16 days before `now`, and today for every store with
    a register of certificates, because one of them may expire without any news."""
    stores = {store.id: store for store in list_stores()}
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "stores": list(stores),
                "now": now,
                "since": now - LOOK_BACK,
                "earliest": (now - LONGEST_WAIT).date(),
            },
        )
        due = [DirtyMark(store_id, day, Family(family)) for store_id, day, family in cursor.fetchall()]
        cursor.execute(_WITH_PAPERS, [list(stores)])
        papers = [store_id for (store_id,) in cursor.fetchall()]
    return due + [
        DirtyMark(store_id, business_day(now, stores[store_id].time_zone), Family.CERTIFICATES)
        for store_id in papers
    ]
