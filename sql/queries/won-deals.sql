-- Deals won: how many, what they bring, how many are first deals
-- All types of deals, renewals included; new business has its own columns.
-- Grain: one row per period and, with `--by`, channel or attribute of the deals.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only deals of this segment of funnelite.toml, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel|campaign|country|industry|owner|pipeline|type|icp|segment
with spans as materialized (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select
        period as starts,
        case :by when 'channel' then channel else channel_group end as name,
        max(case when kpi = 'won_deals' then value end) as won_deals,
        max(case when kpi = 'won_revenue' then value end) as won_revenue,
        max(case when kpi = 'new_business_deals' then value end) as new_business_deals,
        max(case when kpi = 'new_business_revenue' then value end)
            as new_business_revenue,
        max(case when kpi = 'new_customers' then value end) as new_customers,
        max(case when kpi = 'won_revenue' then incomplete end) as without_amount
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'won_deals', 'won_revenue', 'new_business_deals',
            'new_business_revenue', 'new_customers'
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
            when 'type' then d.type
            when 'segment'
                then nullif(trim(replace(d.segments, ';', ' + '), ' +'), '')
            else case d.icp when 1 then 'ideal customer profile' else 'others' end
        end as row_name,
        count(*) as won_deals,
        sum(d.amount_reporting) as won_revenue,
        sum(d.is_new_business) as new_business_deals,
        sum(case when d.is_new_business then d.amount_reporting end)
            as new_business_revenue,
        sum(d.is_new_customer) as new_customers,
        sum(d.amount_reporting is null) as without_amount
    from spans as s
    inner join deals as d on d.closed_on >= :from and d.closed_on between s.starts and s.ends
    where
        (
            :segment is not null
            or :campaign is not null
            or :by not in ('total', 'channel_group', 'channel')
        )
        and (:campaign is null or d.campaign like :campaign escape '\')
        and (:segment is null or d.segments like '%;' || :segment || ';%')
        and d.status = 'won'
        and (:channel is null or :channel in (d.channel, d.channel_group))
    group by s.starts, row_name
),

counted as (
    select * from cells
    union all
    select * from won
)

select
    s.label as period,
    coalesce(c.name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    coalesce(c.won_deals, 0) as won_deals,
    c.won_deals - lag(coalesce(c.won_deals, 0)) over (partition by c.name order by s.starts)
        as difference,
    c.won_revenue,
    c.new_business_deals,
    c.new_business_revenue,
    c.new_customers,
    c.without_amount,
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
order by s.starts, c.won_deals desc, name
