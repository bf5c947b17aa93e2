select avg(has_ordered::int) from (
  select q.buyer_hash, bool_or(exists (
           select from fact_order_line l where l.store_id = q.store_id and l.buyer_hash = q.buyer_hash
           and l.status <> 'cancelled' and not l.is_replacement and l.business_on <= %(last)s
           and l.ordered_at > q.opened_at and l.ordered_at <= q.opened_at + interval '168 hours')) as has_ordered
  from fact_conversation q
  where q.store_id = %(store)s and q.is_presale and q.buyer_hash <> ''
    and q.business_on between %(last)s::date - 36 and %(last)s::date - 7
  group by q.buyer_hash) b
