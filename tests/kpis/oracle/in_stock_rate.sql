-- trailing 30
, weighed as (
  select i.fulfillable, (
    select sum(t.page_views) from fact_traffic_day t where t.store_id = i.store_id
    and t.product_id = i.product_id and t.business_on between %(first)s and %(last)s) as views
  from fact_inventory_day i
  where i.store_id = %(store)s and i.snapshot_on between %(first)s and %(last)s
    and (exists (select from fact_listing g where g.store_id = i.store_id and g.sku = i.sku and g.status = 'active')
         or not exists (select from fact_listing g where g.store_id = i.store_id)))
select sum(views) filter (where fulfillable > 0) / nullif(sum(views), 0) from weighed
