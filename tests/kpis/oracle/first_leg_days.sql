, v as (
  select extract(epoch from max(i.received_at) - min(i.departed_at)) / 86400 as value
  from fact_inbound_shipment i join connectors_store s on s.id = i.store_id
  where i.store_id = %(store)s and i.business_on > %(last)s::date - 270
  group by i.inbound_key, s.time_zone
  having count(*) = count(i.received_at)
    and (max(i.received_at) at time zone s.time_zone)::date between %(last)s::date - 89 and %(last)s::date),
edges as (select array[1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 21, 25, 30, 35, 40, 45, 50, 55, 60, 75, 90, 120, 180]::numeric[] as e),
bucket as (
  select n, coalesce(e[n], 0) as low, e[n + 1] as high,
         (select count(*) from v where value is not null and (n = 0 or value >= e[n])
          and (e[n + 1] is null or value < e[n + 1])) as k
  from edges, generate_series(0, array_length(e, 1)) n),
stacked as (select *, sum(k) over (order by n) - k as below, sum(k) over () as total from bucket)
select case when high is null then low else low + (high - low) * (total * 0.5 - below) / k end
from stacked where k > 0 and below + k >= total * 0.5 order by n limit 1
