select 100.0 * (count(*) filter (where score > 8) - count(*) filter (where score < 7)) / nullif(count(*), 0)
from fact_survey x where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s and kind = 'nps'
