-- Advertised channels with leads in months of which no ad report is imported
-- Months between the first and the last complete month of the channel's ads.
-- do: export the missing months of the platform and import them (`funnelite todo`).
-- Grain: one row per channel.
with months as (
    select
        c.channel_group,
        c.channel,
        c.period,
        max(case when c.kpi = 'clicks' then c.value end) as clicks,
        max(case when c.kpi = 'spend' then c.value end) as spend,
        max(case when c.kpi = 'leads' then c.value end) as leads
    from kpi_monthly as c
    inner join periods as p
        on p.grain = 'month' and c.period = p.period and p.is_complete = 1
    where c.channel not in ('All', 'Unknown') and c.kpi in ('clicks', 'spend', 'leads')
    group by c.channel_group, c.channel, c.period
),

advertised as (
    select channel, min(period) as first_month
    from months
    where clicks > 0
    group by channel
)

select
    m.channel as subject,
    'leads but no spend in ' || count(*) || ' months, the first '
        || substr(min(m.period), 1, 7) || ', the last ' || substr(max(m.period), 1, 7)
        as finding,
    cast(sum(m.leads) as integer) as records
from months as m
inner join advertised as a on m.channel = a.channel and m.period > a.first_month
where m.leads > 0 and coalesce(m.spend, 0) = 0
group by m.channel_group, m.channel
order by records desc, subject
