-- The funnel: contacts, leads, MQLs, SQLs, opportunities, won, and the rates between
-- `cohort`: people by the month they were created, and how many ever reached each stage.
-- `period`: entries into each stage in these months; its rates can exceed 1. The two are
-- never mixed. By campaign, country, industry, owner or segment every person is read.
-- Grain: one row per channel, or what `--by` names, and one for all.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :basis  how people are counted, default cohort, one of cohort|period
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only people of this segment of funnelite.toml, optional
-- :by  one row per, default channel, one of channel|channel_group|month|campaign|country|industry|owner|icp|segment|disqualified_reason
with monthly as (
    select
        cohort_month as month, channel_group, channel,
        contacts, leads, mqls, sqls, opportunities, won, is_mature
    from funnel_cohorts
    where :basis = 'cohort'
    union all
    select
        month, channel_group, channel,
        contacts, leads, mqls, sqls, opportunities, won, null as is_mature
    from funnel_monthly
    where :basis = 'period'
),

by_channel as (
    select
        case :by
            when 'channel' then channel
            when 'channel_group' then channel_group
            else substr(month, 1, 7)
        end as name,
        contacts, leads, mqls, sqls, opportunities, won, is_mature
    from monthly
    where
        :segment is null
        and :campaign is null
        and :by in ('channel', 'channel_group', 'month')
        and month between substr(:from, 1, 7) || '-01' and :to
        and (:channel is null or :channel in (channel, channel_group))
),

by_person as (
    select
        case :by
            when 'channel' then channel
            when 'channel_group' then channel_group
            when 'month'
                then substr(case :basis when 'cohort' then created_on else entered_on end, 1, 7)
            when 'campaign' then campaign
            when 'country' then country
            when 'industry' then industry
            when 'owner' then owner
            when 'segment'
                then nullif(trim(replace(segments, ';', ' + '), ' +'), '')
            when 'disqualified_reason' then disqualified_reason
            else case icp when 1 then 'ideal customer profile' else 'others' end
        end as name,
        sum(stage = 'contact') as contacts,
        sum(stage = 'lead') as leads,
        sum(stage = 'mql') as mqls,
        sum(stage = 'sql') as sqls,
        sum(stage = 'opportunity') as opportunities,
        sum(stage = 'won') as won,
        null as is_mature
    from stage_entries
    where
        (
            :segment is not null
            or :campaign is not null
            or :by not in ('channel', 'channel_group', 'month')
        )
        and (:segment is null or segments like '%;' || :segment || ';%')
        and (:campaign is null or campaign like :campaign escape '\')
        and (:basis = 'period' or created_on between substr(:from, 1, 7) || '-01' and :to)
        and (:basis = 'cohort' or entered_on between substr(:from, 1, 7) || '-01' and :to)
        and (:channel is null or :channel in (channel, channel_group))
    group by name
),

counted as (
    select * from by_channel
    union all
    select * from by_person
    union all
    select 'All', contacts, leads, mqls, sqls, opportunities, won, is_mature
    from by_channel
    union all
    select 'All', contacts, leads, mqls, sqls, opportunities, won, is_mature
    from by_person
),

summed as (
    select
        coalesce(nullif(name, ''), '(unknown)') as name,
        sum(contacts) as contacts,
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(sqls) as sqls,
        sum(opportunities) as opportunities,
        sum(won) as won,
        min(is_mature) as is_mature
    from counted
    group by coalesce(nullif(name, ''), '(unknown)')
)

select
    name,
    contacts, leads, mqls, sqls, opportunities, won,
    1.0 * leads / nullif(contacts, 0) as contact_to_lead_rate,
    1.0 * mqls / nullif(leads, 0) as lead_to_mql_rate,
    1.0 * sqls / nullif(mqls, 0) as mql_to_sql_rate,
    1.0 * opportunities / nullif(sqls, 0) as sql_to_opportunity_rate,
    1.0 * won / nullif(opportunities, 0) as opportunity_to_won_rate,
    1.0 * won / nullif(leads, 0) as lead_to_won_rate,
    is_mature
from summed
order by name = 'All', case when :by = 'month' then name end, contacts desc, name
