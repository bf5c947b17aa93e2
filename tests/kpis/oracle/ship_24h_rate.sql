-- Business time is added up day by day here, where the engine looks up the next open day.
, part as (
  select coalesce(nullif(x.platform_order_id, ''), x.shipment_key) as key, s.market, x.shipped_at,
         x.paid_at at time zone s.time_zone as paid, x.shipped_at at time zone s.time_zone as shipped,
         least(now(), x.paid_at + interval '30 days') at time zone s.time_zone as seen
  from fact_shipment x join connectors_store s on s.id = x.store_id
  where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
    and x.channel = 'merchant' and x.cancelled_by = '' and x.paid_at is not null),
orders_of as (
  select key, bool_and(shipped_at is not null and (select coalesce(sum(least(shipped, d + interval '1 day') - greatest(paid, d)), interval '0')
          from generate_series(date_trunc('day', paid), date_trunc('day', shipped), interval '1 day') d
          where extract(isodow from d) < 6
            and not (market = 'JP' and to_char(d, 'MM-DD') between '08-13' and '08-16')) <= interval '24 hours') as swift,
         bool_and(shipped_at is not null or (select coalesce(sum(least(seen, d + interval '1 day') - greatest(paid, d)), interval '0')
          from generate_series(date_trunc('day', paid), date_trunc('day', seen), interval '1 day') d
          where extract(isodow from d) < 6
            and not (market = 'JP' and to_char(d, 'MM-DD') between '08-13' and '08-16')) >= interval '24 hours') as due
  from part group by key)
select avg(coalesce(swift, false)::int) from orders_of where due
