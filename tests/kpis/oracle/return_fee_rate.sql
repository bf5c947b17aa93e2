select returns / net from fees, sales
