select avg(is_ok::int) from fact_work_item x
where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
  and kind = 'promotion_restore' and is_ok is not null
