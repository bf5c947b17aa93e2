select sum(case when numerator is null then rate else numerator end) from fact_performance
where store_id = %(store)s and metric in ('policy_violations', 'listing_policy_violations') and reported_on = (
  select max(reported_on) from fact_performance where store_id = %(store)s
    and metric in ('policy_violations', 'listing_policy_violations') and reported_on between %(first)s and %(last)s)
