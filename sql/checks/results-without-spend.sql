-- Channels that cost money in some months and gave leads in others where no spend is known
-- do: import the missing months of the platform or the spend sheet (`funnelite todo`).
-- Grain: one row per channel.
with months as (
    select
        channel_group,
        channel,
        period,
        max(case when kpi = 'spend' then value end) as spend,
        max(case when kpi = 'leads' then value end) as leads
    from kpi_monthly
    where channel not in ('All', 'Unknown') and kpi in ('spend', 'leads')
    group by channel_group, channel, period
)

select
    channel as subject,
    'leads but no spend in ' || count(*) || ' months, the first '
        || substr(min(period), 1, 7) || ', the last ' || substr(max(period), 1, 7)
        as finding,
    cast(sum(leads) as integer) as records
from months
where
    leads > 0
    and coalesce(spend, 0) = 0
    and channel in (select channel from months where spend > 0)
group by channel_group, channel
order by records desc, subject
