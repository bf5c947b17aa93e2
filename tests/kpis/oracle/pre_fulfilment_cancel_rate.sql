select avg((exists (
    select from fact_shipment y where y.store_id = x.store_id and y.platform_order_id = x.platform_order_id
    and y.channel = 'merchant' and y.cancelled_by = 'seller' and y.shipped_at is null))::int)
from (select distinct store_id, platform_order_id from fact_shipment x
      where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s and channel = 'merchant') x
