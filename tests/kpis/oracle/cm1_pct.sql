select (net - amount) / nullif(net, 0) from sales, cogs
