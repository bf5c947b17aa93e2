select count(*) from (
  select distinct sku from fact_listing where store_id = %(store)s
  union select distinct sku from fact_event where store_id = %(store)s and kind = 'listing_live' and sku <> '') k
where least((select opened_on from fact_listing g where g.store_id = %(store)s and g.sku = k.sku),
            (select min(business_on) from fact_event e
             where e.store_id = %(store)s and e.kind = 'listing_live' and e.sku = k.sku))
      between %(first)s and %(last)s
