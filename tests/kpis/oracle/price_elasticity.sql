, line as (
  select sku, (%(last)s::date - business_on) / 7 as week, sum(quantity)::numeric as units,
         sum(gross_amount - tax_amount - discount_amount - points_amount) as paid
  from fact_order_line
  where store_id = %(store)s and status <> 'cancelled' and not is_replacement and quantity > 0
    and business_on between %(last)s::date - 90 and %(last)s
    and currency = (select currency from store)
  group by 1, 2),
point as (select sku, ln(paid / units) as x, ln(units) as y from line where paid > 0)
select sum(p.x * p.y - p.x * m.y) / nullif(sum(p.x * p.x - p.x * m.x), 0)
from point p join (select sku, avg(x) as x, avg(y) as y from point group by sku) m using (sku)
