select avg(is_tracked::int) from fact_shipment x
where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
  and channel = 'merchant' and shipped_at is not null
