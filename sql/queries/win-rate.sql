-- Win rate of new business, by count and by amount
-- Won ÷ (won + lost), of deals closed in the period. The two are different numbers.
-- Grain: one row per period and, with `--by`, channel or attribute of the deals.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only deals of this segment of funnelite.toml, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel|campaign|country|industry|owner|pipeline|icp|segment|lost_reason
with spans as materialized (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select
        period as starts,
        case :by when 'channel' then channel else channel_group end as name,
        max(case when kpi = 'win_rate' then numerator end) as won_deals,
        max(case when kpi = 'win_rate' then denominator end) as closed_deals,
        max(case when kpi = 'win_rate_amount' then numerator end) as won_amount,
        max(case when kpi = 'win_rate_amount' then denominator end) as closed_amount
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in ('win_rate', 'win_rate_amount')
    group by period, channel_group, channel
),

closed as (
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
            when 'lost_reason' then coalesce(nullif(d.lost_reason, ''), '(won or no reason)')
            when 'segment'
                then nullif(trim(replace(d.segments, ';', ' + '), ' +'), '')
            else case d.icp when 1 then 'ideal customer profile' else 'others' end
        end as row_name,
        sum(d.status = 'won') as won_deals,
        count(*) as closed_deals,
        sum(case when d.status = 'won' then d.amount_reporting end) as won_amount,
        sum(d.amount_reporting) as closed_amount
    from deals as d
    -- `cross` and `+`: found by the days, not by what nearly all of them are, and once for all periods
    cross join spans as s
    where
        d.closed_on >= :from
        and d.closed_on between s.starts and s.ends
        and (
            :segment is not null
            or :campaign is not null
            or :by not in ('total', 'channel_group', 'channel')
        )
        and (:campaign is null or d.campaign like :campaign escape '\')
        and (:segment is null or d.segments like '%;' || :segment || ';%')
        and +d.status in ('won', 'lost')
        and +d.is_new_business = 1
        and (:channel is null or :channel in (d.channel, d.channel_group))
    group by s.starts, row_name
),

counted as (
    select * from cells
    union all
    select * from closed
)

select
    s.label as period,
    coalesce(c.name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    c.won_deals,
    c.closed_deals - c.won_deals as lost_deals,
    1.0 * c.won_deals / nullif(c.closed_deals, 0) as win_rate,
    c.won_amount,
    c.closed_amount - coalesce(c.won_amount, 0) as lost_amount,
    1.0 * c.won_amount / nullif(c.closed_amount, 0) as win_rate_amount,
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
order by s.starts, c.closed_deals desc, name
