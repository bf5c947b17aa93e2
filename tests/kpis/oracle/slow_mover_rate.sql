-- trailing 30
select count(*) filter (where not exists (
         select from live l where l.sku = i.sku and l.quantity > 0))::numeric / nullif(count(*), 0)
from fact_inventory_day i
where i.store_id = %(store)s and i.fulfillable + i.reserved > 0 and i.snapshot_on = (
  select max(snapshot_on) from fact_inventory_day
  where store_id = %(store)s and snapshot_on between %(first)s and %(last)s)
