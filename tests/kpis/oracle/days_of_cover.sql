-- trailing 30
, newest as (
  select max(snapshot_on) as on_day from fact_inventory_day
  where store_id = %(store)s and snapshot_on between %(first)s and %(last)s),
held as (
  select i.sku, i.fulfillable,
    (select coalesce(sum(quantity), 0) from live l where l.sku = i.sku and l.business_on > %(last)s - 7)::numeric
      / nullif(7 - (select count(*) from fact_inventory_day x where x.store_id = i.store_id and x.sku = i.sku
                    and x.fulfillable = 0 and x.snapshot_on between %(last)s - 6 and %(last)s), 0) as fast,
    (select coalesce(sum(quantity), 0) from live l where l.sku = i.sku)::numeric
      / nullif(30 - (select count(*) from fact_inventory_day x where x.store_id = i.store_id and x.sku = i.sku
                     and x.fulfillable = 0 and x.snapshot_on between %(first)s and %(last)s), 0) as slow
  from fact_inventory_day i, newest where i.store_id = %(store)s and i.snapshot_on = newest.on_day)
select sum(fulfillable) / nullif(sum(greatest(fast, slow)), 0) from held
