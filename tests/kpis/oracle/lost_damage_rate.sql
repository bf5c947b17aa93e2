select sum(lost_units + damaged_units)::numeric / nullif(sum(quantity), 0)
from fact_shipment x where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s and shipped_at is not null
