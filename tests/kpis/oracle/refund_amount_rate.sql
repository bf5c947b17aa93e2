select -coalesce((select sum(amount) from charge where kind = 'refund'), 0)
       / nullif((select sum(price - discount_amount - points_amount) from live), 0)
