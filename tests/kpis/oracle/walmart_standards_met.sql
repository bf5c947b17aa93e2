, report as (
  select metric, rate, coalesce(lower(target_condition), '') as rule, lower(status) as verdict,
         coalesce(target, case metric
           when 'walmart_cancellation_rate' then 0.02 when 'walmart_on_time_delivery_rate' then 0.9
           when 'walmart_valid_tracking_rate' then 0.99 when 'walmart_refund_rate' then 0.06
           when 'walmart_response_rate' then 0.95 when 'walmart_negative_feedback_rate' then 0.02 end) as bound,
         case when target is not null then
                case lower(target_condition) when 'less_than' then '<' when 'less_than_or_equal' then '<=' else '>=' end
              when metric = 'walmart_refund_rate' then '<'
              when metric in ('walmart_cancellation_rate', 'walmart_negative_feedback_rate') then '<=' else '>=' end as op
  from fact_performance where store_id = %(store)s and metric like 'walmart%%' and reported_on = (
    select max(reported_on) from fact_performance where store_id = %(store)s and metric like 'walmart%%'
      and reported_on between %(first)s and %(last)s)),
judged as (
  select case when rate is null or bound is null then null
              when op = '<' then rate < bound when op = '<=' then rate <= bound else rate >= bound end as within,
         verdict in ('good', 'great', 'met', 'ok') as praised
  from report)
select case when count(*) > 0 then count(*) filter (where coalesce(within, praised)) / 8.0 end from judged
