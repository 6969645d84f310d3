-- Sales cycle: days from first touch to won
-- New-business deals won in the period; the median bears single very long deals better.
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
        max(case when kpi = 'new_business_deals' then value end) as new_business_deals,
        max(case when kpi = 'average_sales_cycle_days' then value end) as mean_days,
        max(case when kpi = 'median_sales_cycle_days' then value end) as median_days
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'new_business_deals', 'average_sales_cycle_days', 'median_sales_cycle_days'
        )
    group by period, channel_group, channel
),

won as (
    select
        s.starts,
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
        d.sales_cycle_days as days
    from spans as s
    inner join deals as d on d.closed_on >= :from and d.closed_on between s.starts and s.ends
    where
        (
            :segment is not null
            or :campaign is not null
            or :by not in ('total', 'channel_group', 'channel')
        )
        and (:segment is null or d.segments like '%;' || :segment || ';%')
        and (:campaign is null or d.campaign like :campaign escape '\')
        and (:channel is null or :channel in (d.channel, d.channel_group))
        and d.status = 'won'
        and d.is_new_business = 1
),

ranked as (
    select
        *,
        row_number() over (partition by starts, row_name order by days nulls last) as place,
        count(days) over (partition by starts, row_name) as known
    from won
),

counted as (
    select * from cells
    union all
    select
        starts,
        row_name,
        count(*),
        avg(days),
        avg(case when 2 * place between known and known + 2 then days end)
    from ranked
    group by starts, row_name
)

select
    s.label as period,
    coalesce(c.row_name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    coalesce(c.new_business_deals, 0) as new_business_deals,
    c.mean_days as average_sales_cycle_days,
    c.median_days as median_sales_cycle_days,
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
order by s.starts, c.new_business_deals desc, name
