select count(*) filter (where outcome in ('held', 'rejected', 'returned'))::numeric / nullif(count(*) filter (where outcome <> 'pending'), 0)
from fact_customs_declaration x where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
