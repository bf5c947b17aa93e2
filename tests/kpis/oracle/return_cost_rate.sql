select (fees.returns
  + coalesce((select sum(r.quantity * k.landed) from fact_return r
              join cost_of k on k.day = r.cohort_on and k.sheet = (
                select c.id from fact_cost_sheet c, store where c.sku = r.sku
                and c.market in ('', store.market) and c.channel in ('', 'platform') and c.effective_on <= r.cohort_on
                order by c.market = '', c.channel = '', c.effective_on desc, c.version desc limit 1)
              where r.store_id = %(store)s and r.disposition <> 'SELLABLE'
                and r.cohort_on between %(first)s and %(last)s), 0)
  - coalesce((select sum(c.amount * least(1, (
                select sum(r.quantity) from fact_return r where r.store_id = c.store_id
                and r.platform_order_id = c.platform_order_id and r.cohort_on = c.cohort_on)::numeric
                / (select sum(l.quantity) from live l where l.platform_order_id = c.platform_order_id)))
              from fact_charge c
              where c.store_id = %(store)s and c.kind = 'fulfilment_fee'
                and c.cohort_on between %(first)s and %(last)s
                and exists (select from fact_return r where r.store_id = c.store_id
                            and r.platform_order_id = c.platform_order_id and r.cohort_on = c.cohort_on)
                and exists (select from live l where l.platform_order_id = c.platform_order_id)), 0))
  / nullif(sales.net, 0)
from fees, sales
