select sold / nullif(net, 0) from ads, sales
