select spend / net from ads, sales
