-- Rows that several oracles read: one by one with correlated look-ups, unlike the roll-up's set-based joins.
with store as (
  select id, market, currency from connectors_store where id = %(store)s),
live as (
  select l.*, l.gross_amount - l.tax_amount as price,
         exists (select from fact_charge c where c.store_id = l.store_id and c.kind = 'referral_fee'
                 and c.platform_order_id = l.platform_order_id) as is_charged,
         (select s.id from fact_cost_sheet s, store where s.sku = l.sku and s.market in ('', store.market)
          and s.channel in ('', l.channel) and s.effective_on <= l.business_on
          order by s.market = '', s.channel = '', s.effective_on desc, s.version desc limit 1) as sheet
  from fact_order_line l
  where l.store_id = %(store)s and l.business_on between %(first)s and %(last)s
    and l.status <> 'cancelled' and not l.is_replacement),
rate_of as (
  select k.currency, d::date as day, case when k.currency = (select currency from store) then 1 else (
      select b.per_eur::numeric(50, 32) / a.per_eur from public.tenants_fxrate a
      join public.tenants_fxrate b on b.rate_on = a.rate_on
      where a.currency = k.currency and b.currency = (select currency from store)
        and a.rate_on <= d and a.rate_on >= d - interval '7 days'
      order by a.rate_on desc limit 1) end as rate
  from (select distinct currency from fact_cost_line) k,
       generate_series(%(first)s::date, %(last)s::date, interval '1 day') d),
cost_of as (
  select c.sheet_id as sheet, r.day,
         sum(c.amount * r.rate) filter (
           where c.line in ('purchase', 'first_leg', 'duty', 'import_tax', 'inbound')) as landed,
         sum(c.amount * r.rate) filter (
           where c.line in ('packaging', 'after_sales', 'local_service', 'other')) as other
  from fact_cost_line c join rate_of r on r.currency = c.currency
  group by c.sheet_id, r.day),
charge as (
  select c.kind, c.amount from fact_charge c where c.store_id = %(store)s
    and case when c.kind in ('subscription_fee', 'storage_fee', 'aged_storage_fee') then c.business_on
             else coalesce(c.cohort_on, c.business_on) end between %(first)s and %(last)s),
sales as (
  select coalesce((select sum(price - discount_amount - points_amount) from live), 0)
       + coalesce((select sum(amount) from charge where kind = 'refund'), 0) as net),
cogs as (
  select coalesce((select sum(l.quantity * k.landed) from live l
                   join cost_of k on k.sheet = l.sheet and k.day = l.business_on), 0)
       - coalesce((select sum(r.quantity * k.landed) from fact_return r
                   join cost_of k on k.day = r.cohort_on and k.sheet = (
                     select s.id from fact_cost_sheet s, store where s.sku = r.sku
                     and s.market in ('', store.market)
                     and s.channel in ('', 'platform') and s.effective_on <= r.cohort_on
                     order by s.market = '', s.channel = '', s.effective_on desc, s.version desc limit 1)
                   where r.store_id = %(store)s and r.disposition = 'SELLABLE'
                     and r.cohort_on between %(first)s and %(last)s), 0) as amount),
estimated as (
  select sum(l.quantity * (e.referral_amount + e.closing_amount)) as platform,
         sum(l.quantity * e.fulfilment_amount) as fulfilment
  from live l
  join fact_fee_estimate e on e.store_id = l.store_id and e.sku = l.sku and e.estimated_on = (
    select max(estimated_on) from fact_fee_estimate x where x.store_id = l.store_id and x.sku = l.sku)
  where not l.is_charged),
fees as (
  select coalesce(-sum(amount) filter (
                    where kind in ('referral_fee', 'payment_fee', 'subscription_fee')), 0)
           + coalesce((select platform from estimated), 0) as platform,
         coalesce(-sum(amount) filter (where kind = 'fulfilment_fee'), 0)
           + coalesce((select fulfilment from estimated), 0) as fulfilment,
         coalesce(-sum(amount) filter (where kind in ('storage_fee', 'aged_storage_fee')), 0) as storage,
         coalesce(-sum(amount) filter (where kind in ('return_fee', 'refund_fee')), 0) as returns
  from charge),
other as (
  select coalesce(sum(l.quantity * k.other), 0) as amount from live l
  join cost_of k on k.sheet = l.sheet and k.day = l.business_on),
ads as (
  select coalesce(sum(a.cost_amount * r.rate), 0) as spend, coalesce(sum(a.sales_7d_amount * r.rate), 0) as sold
  from fact_ad_day a cross join lateral (
    select case when a.currency = (select currency from store) then 1 else (
      select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
      join public.tenants_fxrate y on y.rate_on = x.rate_on
      where x.currency = a.currency and y.currency = (select currency from store)
        and x.rate_on <= a.business_on and x.rate_on >= a.business_on - 7
      order by x.rate_on desc limit 1) end as rate) r
  where a.store_id = %(store)s and a.business_on between %(first)s and %(last)s),
margin as (
  select sales.net - cogs.amount - fees.platform - fees.fulfilment - fees.storage - fees.returns - other.amount
           as cm2
  from sales, cogs, fees, other),
traffic as (
  select * from fact_traffic_day
  where store_id = %(store)s and product_id = '' and business_on between %(first)s and %(last)s),
stock as (
  select i.*, (select landed from cost_of k where k.day = i.snapshot_on and k.sheet = (
      select s.id from fact_cost_sheet s, store where s.sku = i.sku
      and s.market in ('', store.market) and s.channel in ('', 'platform')
      and s.effective_on <= i.snapshot_on
      order by s.market = '', s.channel = '', s.effective_on desc, s.version desc limit 1)) as landed
  from fact_inventory_day i
  where i.store_id = %(store)s and i.snapshot_on between %(first)s and %(last)s),
aged as (
  select a.*, (select landed from cost_of k where k.day = a.snapshot_on and k.sheet = (
      select s.id from fact_cost_sheet s, store where s.sku = a.sku
      and s.market in ('', store.market) and s.channel in ('', 'platform')
      and s.effective_on <= a.snapshot_on
      order by s.market = '', s.channel = '', s.effective_on desc, s.version desc limit 1)) as landed
  from fact_inventory_age a
  where a.store_id = %(store)s and a.snapshot_on = (
    select max(snapshot_on) from fact_inventory_age
    where store_id = %(store)s and snapshot_on between %(first)s and %(last)s))
