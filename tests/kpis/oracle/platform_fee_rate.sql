select platform / net from fees, sales
