select storage / net from fees, sales
