-- Pipeline velocity: money per day, and the four numbers it is made of
-- Deals that became opportunities × win rate × average deal size ÷ average sales cycle days.
-- Grain: one row per period and, with `--by`, channel or attribute of the deals.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only deals of this segment of funnelite.toml, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel|campaign|country|industry|owner|pipeline|icp|segment
with spans as materialized (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select
        period as starts,
        case :by when 'channel' then channel else channel_group end as row_name,
        max(case when kpi = 'qualified_deals' then value end) as qualified,
        max(case when kpi = 'win_rate' then value end) as win_rate,
        max(case when kpi = 'average_deal_size' then value end) as deal_size,
        max(case when kpi = 'average_sales_cycle_days' then value end) as cycle_days,
        max(case when kpi = 'pipeline_velocity' then value end) as velocity
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'qualified_deals', 'win_rate', 'average_deal_size',
            'average_sales_cycle_days', 'pipeline_velocity'
        )
    group by period, channel_group, channel
),

-- a deal counts in the period it became an opportunity, and in the one it was closed
moments as (
    select s.starts, d.*, 1 as is_qualified, 0 as is_closed
    -- `cross`: all deals are read for it, so once for all periods
    from deals as d
    cross join spans as s
    where
        d.opportunity_on >= :from
        and d.opportunity_on <= (select max(ends) from spans)
        and d.opportunity_on between s.starts and s.ends
    union all
    select s.starts, d.*, 0, 1
    from deals as d
    -- `cross` and `+`: found by the days, not by what nearly all of them are, and once for all periods
    cross join spans as s
    where
        d.closed_on >= :from
        and d.closed_on between s.starts and s.ends
        and +d.is_new_business = 1
),

summed as (
    select
        d.starts,
        case :by
            when 'total' then 'All'
            when 'channel_group' then d.channel_group
            when 'channel' then d.channel
            when 'campaign' then d.campaign
            when 'country' then d.country
            when 'industry' then d.industry
            when 'owner' then d.owner
            when 'pipeline' then d.pipeline
            when 'segment'
                then nullif(trim(replace(d.segments, ';', ' + '), ' +'), '')
            else case d.icp when 1 then 'ideal customer profile' else 'others' end
        end as row_name,
        sum(d.is_qualified) as qualified,
        1.0 * sum(d.is_closed and d.status = 'won') / nullif(sum(d.is_closed), 0) as win_rate,
        avg(case when d.is_closed and d.status = 'won' then d.amount_reporting end)
            as deal_size,
        avg(case when d.is_closed and d.status = 'won' then d.sales_cycle_days end)
            as cycle_days
    from moments as d
    where
        (
            :segment is not null
            or :campaign is not null
            or :by not in ('total', 'channel_group', 'channel')
        )
        and (:segment is null or d.segments like '%;' || :segment || ';%')
        and (:campaign is null or d.campaign like :campaign escape '\')
        and (:channel is null or :channel in (d.channel, d.channel_group))
    group by d.starts, row_name
),

counted as (
    select * from cells
    union all
    select
        *,
        qualified * win_rate * deal_size / nullif(cycle_days, 0)
    from summed
)

select
    s.label as period,
    coalesce(c.row_name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    coalesce(c.qualified, 0) as qualified_deals,
    c.win_rate,
    c.deal_size as average_deal_size,
    c.cycle_days as average_sales_cycle_days,
    c.velocity as pipeline_velocity,
    s.is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where
            n.day between s.starts and s.ends
            and (n.channel is null or :channel is null or n.channel = :channel)
    ) as notes
from spans as s
left join counted as c on s.starts = c.starts
order by s.starts, c.velocity desc, name
