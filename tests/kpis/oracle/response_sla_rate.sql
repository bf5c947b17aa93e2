select avg((first_response_at is not null and first_response_at - opened_at <= interval '24 hours')::int)
from fact_conversation x
where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
  and needs_reply and (first_response_at is not null or opened_at <= now() - interval '24 hours')
