create view cohort_progress as
-- How long the people of a month took to reach each stage, in calendar months; those who reached it on an unknown day
-- are in funnel_cohorts only.
-- Grain: one row per month of creation, channel, stage and number of months.
select
    p.period as cohort_month,
    s.channel_group,
    s.channel,
    substr(n.name, 8, instr(n.name, '@') - 8) as stage,
    cast(substr(n.name, instr(n.name, '@') + 1) as integer) as months,
    m.value as people
-- read in this order: the sums of a month lie together
from calendar_periods as p
cross join measure_months as m
cross join measures as n
join scopes as s on s.id = m.scope
where
    p.grain = 'month'
    and m.month = p.period_day
    and n.id = m.measure
    and n.name between 'cohort_' and 'cohort_~'
    and n.name like '%@%'
    and s.channel <> 'All'
    and m.value <> 0
