-- trailing 365
select count(*) filter (where orders > 1)::numeric / nullif(count(*), 0) from (
  select count(distinct platform_order_id) as orders from live where buyer_hash <> '' group by buyer_hash) b
