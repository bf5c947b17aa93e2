-- trailing 90
, level as (
  select (select sum(i.fulfillable) from fact_inventory_day i
          where i.store_id = %(store)s and i.snapshot_on between %(last)s - ago - 6 and %(last)s - ago
          group by i.snapshot_on order by i.snapshot_on desc limit 1) as units
  from unnest(array[0, 30, 60, 90]) ago)
select (select sum(quantity) from live where status = 'shipped' and channel = 'platform')
       / nullif((select avg(units) from level), 0)
