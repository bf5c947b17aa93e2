, best as (
  select sku, min(rank) as rank from fact_rank_day
  where store_id = %(store)s and business_on = (
    select max(business_on) from fact_rank_day
    where store_id = %(store)s and business_on between %(first)s and %(last)s)
  group by sku),
ordered as (
  select rank, row_number() over (order by rank) as n, count(*) over () as total from best)
select avg(rank) from ordered where n in ((total + 1) / 2, total / 2 + 1)
