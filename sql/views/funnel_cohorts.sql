create view funnel_cohorts as
-- People by the month they were created, and how many of them ever reached each stage.
-- Skipped stages count as reached, so no rate exceeds 1. Young cohorts still rise: see `age_days` and `is_mature`.
-- Grain: one row per month and channel; no total rows.
with cohorts as (
    select
        m.month,
        s.channel_group,
        s.channel,
        sum(case n.name when 'cohort_contacts' then m.value else 0 end) as contacts,
        sum(case n.name when 'cohort_leads' then m.value else 0 end) as leads,
        sum(case n.name when 'cohort_mqls' then m.value else 0 end) as mqls,
        sum(case n.name when 'cohort_sqls' then m.value else 0 end) as sqls,
        sum(case n.name when 'cohort_opportunities' then m.value else 0 end) as opportunities,
        sum(case n.name when 'cohort_won' then m.value else 0 end) as won
    -- read in this order: the sums of a month lie together
    from calendar_periods as p
    cross join measures as n
    cross join measure_months as m
    join scopes as s on s.id = m.scope
    where
        p.grain = 'month'
        and m.month = p.period_day
        and m.measure = n.id
        and s.channel <> 'All'
        and n.name in (
            'cohort_contacts', 'cohort_leads', 'cohort_mqls', 'cohort_sqls', 'cohort_opportunities', 'cohort_won'
        )
    group by m.month, s.channel_group, s.channel
)

select
    p.period as cohort_month,
    c.channel_group,
    c.channel,
    c.contacts,
    c.leads,
    c.mqls,
    c.sqls,
    c.opportunities,
    c.won,
    1.0 * c.leads / nullif(c.contacts, 0) as contact_to_lead_rate,
    1.0 * c.mqls / nullif(c.leads, 0) as lead_to_mql_rate,
    1.0 * c.sqls / nullif(c.mqls, 0) as mql_to_sql_rate,
    1.0 * c.opportunities / nullif(c.sqls, 0) as sql_to_opportunity_rate,
    1.0 * c.won / nullif(c.opportunities, 0) as opportunity_to_won_rate,
    1.0 * c.won / nullif(c.leads, 0) as lead_to_won_rate,
    case when d.data_day > p.ends_day then d.data_day - p.ends_day else 0 end as age_days,
    case when d.data_day - p.ends_day >= d.mature_after_days then 1 else 0 end as is_mature
from cohorts as c
join calendar_periods as p on p.grain = 'month' and p.period_day = c.month
cross join workspace_dates as d;
