-- Lead value: new-business revenue per lead
-- Lead lifetime value is lead value × customer lifetime in years, which is known by channel.
-- By another attribute the deals are those with it, and the leads the people with it.
-- Grain: one row per period and, with `--by`, channel or attribute.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only people and deals of this segment of funnelite.toml, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel|campaign|country|industry|owner|icp|segment
with spans as materialized (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select
        period as starts,
        case :by when 'channel' then channel else channel_group end as row_name,
        max(case when kpi = 'leads' then value end) as leads,
        max(case when kpi = 'lead_to_close_rate' then numerator end) as deals_won,
        max(case when kpi = 'average_deal_size' then denominator end) as with_amount,
        max(case when kpi = 'lead_value' then numerator end) as revenue,
        max(case when kpi = 'lead_lifetime_value' then value end) as lead_lifetime_value
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'leads', 'lead_to_close_rate', 'average_deal_size', 'lead_value',
            'lead_lifetime_value'
        )
    group by period, channel_group, channel
),

-- leads and deals as rows of one shape
records as (
    select
        s.starts,
        d.channel_group, d.channel, d.campaign, d.country, d.industry, d.owner, d.icp,
        d.segments, 1 as leads, 0 as deals_won, null as amount
    from stage_entries as d
    cross join spans as s
    where
        d.stage = 'lead'
        and d.entered_on between :from and (select max(ends) from spans)
        and d.entered_on between s.starts and s.ends
    union all
    select
        s.starts,
        d.channel_group, d.channel, d.campaign, d.country, d.industry, d.owner, d.icp,
        d.segments, 0, 1, d.amount_reporting
    from deals as d
    -- `cross` and `+`: found by the days, not by what nearly all of them are, and once for all periods
    cross join spans as s
    where
        d.closed_on >= :from
        and d.closed_on between s.starts and s.ends
        and d.status = 'won'
        and +d.is_new_business = 1
),

counted as (
    select * from cells
    union all
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
            when 'segment'
                then nullif(trim(replace(d.segments, ';', ' + '), ' +'), '')
            else case d.icp when 1 then 'ideal customer profile' else 'others' end
        end as row_name,
        sum(d.leads),
        sum(d.deals_won),
        count(d.amount),
        coalesce(sum(d.amount), 0),
        null
    from records as d
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
)

select
    s.label as period,
    coalesce(c.row_name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    coalesce(c.leads, 0) as leads,
    c.revenue as new_business_revenue,
    1.0 * c.revenue / nullif(c.leads, 0) as lead_value,
    1.0 * c.deals_won / nullif(c.leads, 0) as lead_to_close_rate,
    1.0 * c.revenue / nullif(c.with_amount, 0) as average_deal_size,
    c.lead_lifetime_value,
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
order by s.starts, c.leads desc, name
