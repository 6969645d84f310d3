create view funnel_monthly as
-- People by the month in which they entered each stage; a skipped stage is entered with the next one.
-- Its ratios can exceed 1, because a month's MQLs are not the month's leads. For rates see funnel_cohorts.
-- Grain: one row per month and channel; no total rows.
select
    p.period as month,
    m.channel_group,
    m.channel,
    sum(case m.measure when 'contacts' then m.value else 0 end) as contacts,
    sum(case m.measure when 'leads' then m.value else 0 end) as leads,
    sum(case m.measure when 'mqls' then m.value else 0 end) as mqls,
    sum(case m.measure when 'sqls' then m.value else 0 end) as sqls,
    sum(case m.measure when 'opportunities' then m.value else 0 end) as opportunities,
    sum(case m.measure when 'won_people' then m.value else 0 end) as won
from measure_periods as m
join calendar_periods as p on p.grain = 'month' and p.period_day = m.period
where
    m.grain = 'month'
    and m.channel <> 'All'
    and m.measure in ('contacts', 'leads', 'mqls', 'sqls', 'opportunities', 'won_people')
group by p.period, m.channel_group, m.channel;
