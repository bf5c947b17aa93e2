select net / nullif((select count(distinct platform_order_id) from live), 0) from sales
