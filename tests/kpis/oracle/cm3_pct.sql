select (cm2 - spend) / net from margin, ads, sales
