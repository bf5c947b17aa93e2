select count(*) filter (where score > 3)::numeric / nullif(count(*) filter (where true), 0)
from fact_survey x where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s and kind = 'csat'
