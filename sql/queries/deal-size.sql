-- Average deal size of new business
-- Revenue divided by deals won with an amount; deals without an amount are left out of both.
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
        max(case when kpi = 'average_deal_size' then numerator end) as revenue,
        max(case when kpi = 'average_deal_size' then denominator end) as with_amount
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in ('new_business_deals', 'average_deal_size')
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
        count(*) as new_business_deals,
        sum(d.amount_reporting) as revenue,
        count(d.amount_reporting) as with_amount
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
    group by s.starts, row_name
),

counted as (
    select * from cells
    union all
    select * from won
)

select
    s.label as period,
    coalesce(c.row_name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    coalesce(c.new_business_deals, 0) as new_business_deals,
    c.revenue as new_business_revenue,
    1.0 * c.revenue / nullif(c.with_amount, 0) as average_deal_size,
    c.new_business_deals - c.with_amount as without_amount,
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
order by s.starts, c.revenue desc, name
