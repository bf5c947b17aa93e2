, before as (select (select coalesce(sum(gross_amount - tax_amount - discount_amount - points_amount), 0) from fact_order_line
     where store_id = %(store)s and status <> 'cancelled' and not is_replacement and business_on between (%(first)s::date - interval '1 month')::date and %(first)s::date - 1)
  + (select coalesce(sum(amount), 0) from fact_charge
     where store_id = %(store)s and kind = 'refund' and coalesce(cohort_on, business_on) between (%(first)s::date - interval '1 month')::date and %(first)s::date - 1) as net, extract(day from %(first)s::date - 1) as days)
select (sales.net / (%(last)s::date - %(first)s::date + 1)) / (before.net / before.days) - 1 from sales, before
where before.net > 0 and extract(day from %(first)s::date) = 1 and %(last)s::date - %(first)s::date >= 27
