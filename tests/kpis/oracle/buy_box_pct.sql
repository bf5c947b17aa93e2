select sum(buy_box_share * page_views) / sum(page_views) from traffic where buy_box_share is not null
