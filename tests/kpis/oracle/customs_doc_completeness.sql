select sum(documents_valid)::numeric / nullif(sum(documents_required), 0)
from fact_customs_declaration x where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
