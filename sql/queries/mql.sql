-- Marketing-qualified leads: how many, from what, into what, at what cost
-- By country, industry, owner, segment or campaign there is no spend, so no cost.
-- Grain: one row per period and, with `--by`, channel or attribute of the people.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only people of this segment of funnelite.toml, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel|campaign|country|industry|owner|icp|segment|disqualified_reason
with spans as materialized (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select
        period as starts,
        case :by when 'channel' then channel else channel_group end as name,
        max(case when kpi = 'mqls' then value end) as mqls,
        max(case when kpi = 'leads' then value end) as leads,
        max(case when kpi = 'sqls' then value end) as sqls,
        max(case when kpi = 'opportunities' then value end) as opportunities,
        max(case when kpi = 'spend' then value end) as spend,
        max(case when kpi = 'mql_icp_share' then value end) as mql_icp_share
    from kpi_cells
    where
        :segment is null
        and :campaign is null
        and grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in ('mqls', 'leads', 'sqls', 'opportunities', 'spend', 'mql_icp_share')
    group by period, channel_group, channel
),

-- by day first: there are fewer days than people to look up the period of
reached as materialized (
    select
        e.entered_on,
        e.stage,
        e.icp,
        case :by
            when 'total' then 'All'
            when 'channel_group' then e.channel_group
            when 'channel' then e.channel
            when 'campaign' then e.campaign
            when 'country' then e.country
            when 'industry' then e.industry
            when 'owner' then e.owner
            when 'segment'
                then nullif(trim(replace(e.segments, ';', ' + '), ' +'), '')
            when 'disqualified_reason' then e.disqualified_reason
            else case e.icp when 1 then 'ideal customer profile' else 'others' end
        end as name
    from stage_entries as e
    where
        e.entered_on >= :from
        and e.entered_on <= (select max(ends) from spans)
        and (
            :segment is not null
            or :campaign is not null
            or :by not in ('total', 'channel_group', 'channel')
        )
        and (:campaign is null or e.campaign like :campaign escape '\')
        and (:segment is null or e.segments like '%;' || :segment || ';%')
        and (:channel is null or :channel in (e.channel, e.channel_group))
),

days as (
    select
        entered_on,
        name,
        sum(stage = 'mql') as mqls,
        sum(stage = 'lead') as leads,
        sum(stage = 'sql') as sqls,
        sum(stage = 'opportunity') as opportunities,
        sum(stage = 'mql' and icp = 1) as icp_mqls
    from reached
    group by entered_on, name
),

entries as (
    select
        s.starts,
        d.name,
        sum(d.mqls) as mqls,
        sum(d.leads) as leads,
        sum(d.sqls) as sqls,
        sum(d.opportunities) as opportunities,
        null as spend,
        1.0 * sum(d.icp_mqls) / nullif(sum(d.mqls), 0) as mql_icp_share
    from days as d
    cross join spans as s
    where d.entered_on between s.starts and s.ends
    group by s.starts, d.name
),

counted as (
    select * from cells
    union all
    select * from entries
)

select
    s.label as period,
    coalesce(c.name, case :by when 'total' then 'All' else '(unknown)' end) as name,
    coalesce(c.mqls, 0) as mqls,
    c.mqls - lag(coalesce(c.mqls, 0)) over (partition by c.name order by s.starts)
        as difference,
    1.0 * c.mqls / nullif(c.leads, 0) as lead_to_mql_rate,
    1.0 * c.sqls / nullif(c.mqls, 0) as mql_to_sql_rate,
    1.0 * c.opportunities / nullif(c.mqls, 0) as mql_to_opportunity_rate,
    c.spend,
    1.0 * c.spend / nullif(c.mqls, 0) as cost_per_mql,
    c.mql_icp_share,
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
order by s.starts, c.mqls desc, name
