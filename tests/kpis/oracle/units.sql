select coalesce(sum(quantity), 0) from live
