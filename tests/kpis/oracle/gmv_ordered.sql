select coalesce(sum(gross_amount - tax_amount), 0) from fact_order_line
where store_id = %(store)s and business_on between %(first)s and %(last)s and not is_replacement
