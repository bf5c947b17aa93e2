select (cm2 - spend) / nullif((select sum(quantity) from live), 0) from margin, ads
