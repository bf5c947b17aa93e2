select avg((s.fulfillable = 0)::int) from stock s
join fact_listing g on g.store_id = s.store_id and g.sku = s.sku and g.status = 'active'
