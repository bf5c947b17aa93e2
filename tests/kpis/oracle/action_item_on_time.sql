select avg((finished_at is not null and finished_at <= due_at)::int) from fact_work_item x
where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
  and kind = 'action_item' and due_at is not null and (finished_at is not null or due_at <= now())
