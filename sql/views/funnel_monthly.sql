create view funnel_monthly as
-- People by the month in which they entered each stage; a skipped stage is entered with the next one.
-- Its ratios can exceed 1, because a month's MQLs are not the month's leads. For rates see funnel_cohorts.
-- Grain: one row per month and channel; no total rows.
select
    p.period as month,
    s.channel_group,
    s.channel,
    sum(case n.name when 'contacts' then m.value else 0 end) as contacts,
    sum(case n.name when 'leads' then m.value else 0 end) as leads,
    sum(case n.name when 'mqls' then m.value else 0 end) as mqls,
    sum(case n.name when 'sqls' then m.value else 0 end) as sqls,
    sum(case n.name when 'opportunities' then m.value else 0 end) as opportunities,
    sum(case n.name when 'won_people' then m.value else 0 end) as won
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
    and n.name in ('contacts', 'leads', 'mqls', 'sqls', 'opportunities', 'won_people')
group by p.period, s.channel_group, s.channel;
