, needed as (
  select distinct x.sku, x.kind from fact_certificate x
  where x.store_id = %(store)s and x.sku <> '' and x.is_required and x.reported_on = (
    select max(y.reported_on) from fact_certificate y where y.store_id = x.store_id
      and y.certificate_key = x.certificate_key and y.reported_on <= %(last)s)
    and (exists (select from fact_listing g where g.store_id = x.store_id and g.sku = x.sku and g.status = 'active')
         or not exists (select from fact_listing g where g.store_id = x.store_id))),
met as (
  select n.sku, n.kind, exists (
    select from fact_certificate x
    where x.store_id = %(store)s and x.sku = n.sku and x.kind = n.kind and x.is_required
      and x.issued_on <= %(last)s and (x.expires_on is null or x.expires_on >= %(last)s) and x.reported_on = (
        select max(y.reported_on) from fact_certificate y where y.store_id = x.store_id
          and y.certificate_key = x.certificate_key and y.reported_on <= %(last)s)) as ok
  from needed n)
select avg(ok::int) from (select sku, bool_and(ok) as ok from met group by sku) s
