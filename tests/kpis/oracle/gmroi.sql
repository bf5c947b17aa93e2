-- trailing 365
select cm2 / nullif((select avg(cost) from (
  select sum((fulfillable + reserved) * coalesce(landed, 0)) as cost from stock group by snapshot_on) d), 0)
from margin
