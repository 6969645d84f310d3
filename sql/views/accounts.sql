create view accounts as
-- Companies with their people, open pipeline and won revenue, in the reporting currency.
-- Companies join across systems by domain.
-- Grain: one row per company.
select
    -- of a company without a name of its own, what deals call it
    coalesce(a.company, (
        select max(nullif(n.company, ''))
        from deal_facts as d
        join crm_deals as n on n.id = d.deal
        where d.customer = a.customer and d.customer < 0
    )) as company,
    a.domain,
    case when a.segments like '%;icp;%' then 1 when a.segments is not null then 0 end as icp,
    a.people,
    case a.reached
        when 0 then 'contact'
        when 1 then 'lead'
        when 2 then 'mql'
        when 3 then 'sql'
        when 4 then 'opportunity'
        when 5 then 'won'
    end as furthest_stage,
    a.open_pipeline_micros / 1000000.0 as open_pipeline,
    a.won_revenue_micros / 1000000.0 as won_revenue,
    f.day as first_touch_on,
    l.day as last_touch_on
from account_facts as a
left join calendar_days as f on f.day_number = a.first_touch_day
left join calendar_days as l on l.day_number = a.last_touch_day;
