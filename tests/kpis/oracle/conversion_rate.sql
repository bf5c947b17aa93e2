select sum(units_ordered)::numeric / sum(sessions) from traffic
