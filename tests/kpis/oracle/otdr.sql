select avg((delivered_at is not null and delivered_at <= promised_at)::int) from fact_shipment x
where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
  and is_tracked and channel = 'merchant' and cancelled_by = '' and promised_at <= now() - interval '7 days'
