select net / nullif((select sum(quantity) from live), 0) from sales
