-- trailing 30
, sold as (select distinct sku from live where quantity > 0),
could as (
  select sku from sold
  union
  select i.sku from fact_inventory_day i
  where i.store_id = %(store)s and i.snapshot_on between %(first)s and %(last)s and i.fulfillable > 0
    and (exists (select from fact_listing g where g.store_id = i.store_id and g.sku = i.sku and g.status = 'active')
         or not exists (select from fact_listing g where g.store_id = i.store_id)))
select (select count(*) from sold)::numeric / nullif(count(*), 0) from could
