, departure as (
  select distinct sku, business_on from fact_inbound_shipment where store_id = %(store)s),
gap as (
  select business_on, business_on - (select max(p.business_on) from departure p
                                     where p.sku = d.sku and p.business_on < d.business_on) as days
  from departure d),
value as (
  select days::numeric as v from gap where days <= 180 and business_on between %(last)s - 89 and %(last)s),
edge as (
  select array[1,2,3,4,5,6,7,8,10,12,14,17,21,25,30,35,40,45,50,55,60,75,90,120,180]::numeric[] as e),
bucket as (
  select width_bucket(v, e) as n, count(*) as c from value, edge where v is not null group by 1),
running as (
  select n, c, sum(c) over (order by n) as upto, sum(c) over () / 2 as half from bucket)
select coalesce(e[n], 0) + (e[n + 1] - coalesce(e[n], 0)) * (half - (upto - c)) / c
from running, edge where upto >= half order by n limit 1
