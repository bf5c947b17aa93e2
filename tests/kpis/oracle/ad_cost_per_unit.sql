select spend / nullif((select sum(quantity) from live), 0) from ads
