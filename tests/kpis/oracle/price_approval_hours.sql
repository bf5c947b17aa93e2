, v as (select extract(epoch from finished_at - started_at) / 3600 as value from fact_work_item x
  where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s and kind = 'price_approval'),
edges as (select array[1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 168, 336]::numeric[] as e),
bucket as (
  select n, coalesce(e[n], 0) as low, e[n + 1] as high,
         (select count(*) from v where value is not null and (n = 0 or value >= e[n])
          and (e[n + 1] is null or value < e[n + 1])) as k
  from edges, generate_series(0, array_length(e, 1)) n),
stacked as (select *, sum(k) over (order by n) - k as below, sum(k) over () as total from bucket)
select case when high is null then low else low + (high - low) * (total * 0.5 - below) / k end
from stacked where k > 0 and below + k >= total * 0.5 order by n limit 1
