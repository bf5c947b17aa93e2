, value as (
  select (extract(epoch from i.received_at - i.checked_in_at) / 86400)::numeric as v
  from fact_inbound_shipment i join connectors_store s on s.id = i.store_id
  where i.store_id = %(store)s and i.business_on between %(last)s - 269 and %(last)s
    and (i.received_at at time zone s.time_zone)::date between %(last)s - 89 and %(last)s),
edge as (
  select array[1,2,3,4,5,6,7,8,10,12,14,17,21,25,30,35,40,45,50,55,60,75,90,120,180]::numeric[] as e),
bucket as (
  select width_bucket(v, e) as n, count(*) as c from value, edge where v is not null group by 1),
running as (
  select n, c, sum(c) over (order by n) as upto, sum(c) over () / 2 as half from bucket)
select coalesce(e[n], 0) + (e[n + 1] - coalesce(e[n], 0)) * (half - (upto - c)) / c
from running, edge where upto >= half order by n limit 1
