select amount / net from other, sales
