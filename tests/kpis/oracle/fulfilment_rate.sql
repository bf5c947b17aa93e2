select avg((not exists (
    select from fact_shipment y where y.store_id = x.store_id and y.platform_order_id = x.platform_order_id
    and y.cancelled_by <> 'buyer' and not (y.is_complete and y.shipped_at is not null)))::int)
from (select distinct store_id, platform_order_id from fact_shipment x
      where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s) x
where exists (select from fact_shipment y where y.store_id = x.store_id
              and y.platform_order_id = x.platform_order_id and y.paid_at is not null)
  and exists (select from fact_shipment y where y.store_id = x.store_id
              and y.platform_order_id = x.platform_order_id and y.cancelled_by <> 'buyer')
