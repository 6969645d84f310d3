create view cohort_progress as
-- How long the people of a month took to reach each stage, in calendar months; those who reached it on an unknown day
-- are in funnel_cohorts only.
-- Grain: one row per month of creation, channel, stage and number of months.
select
    p.period as cohort_month,
    m.channel_group,
    m.channel,
    substr(m.measure, 8, instr(m.measure, '@') - 8) as stage,
    cast(substr(m.measure, instr(m.measure, '@') + 1) as integer) as months,
    m.value as people
from measure_periods as m
join calendar_periods as p on p.grain = 'month' and p.period_day = m.period
where m.grain = 'month' and m.channel <> 'All' and m.measure between 'cohort_' and 'cohort_~' and m.measure like '%@%' and m.value <> 0
