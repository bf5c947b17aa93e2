select cm2 / nullif(net, 0) from margin, sales
