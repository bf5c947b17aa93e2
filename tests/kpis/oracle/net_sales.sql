select net from sales
