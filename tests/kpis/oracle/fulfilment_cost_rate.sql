select fulfilment / net from fees, sales
