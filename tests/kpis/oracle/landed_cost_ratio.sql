select amount / net from cogs, sales
