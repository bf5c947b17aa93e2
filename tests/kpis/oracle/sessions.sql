select sum(sessions) from traffic
