select count(distinct platform_order_id) from live
