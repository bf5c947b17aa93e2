select cm2 / net from margin, sales
