-- Open pipeline: where it stands, how old it is, where it comes from
-- New-business deals that are open on the last day of the data.
-- Grain: one row per stage, or what `--by` names.
-- :by  one row per, default stage, one of stage|pipeline|channel|channel_group|campaign|country|industry|owner|icp|segment
-- :segment  only deals of this segment of funnelite.toml, optional
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
with counted as (
    select
        case :by
            when 'stage' then stage
            when 'pipeline' then pipeline
            when 'channel' then channel
            else channel_group
        end as name,
        deals,
        opportunities,
        deals_with_amount,
        amount,
        weighted_amount,
        created_on
    from open_pipeline
    where
        :by in ('stage', 'pipeline', 'channel', 'channel_group')
        and :segment is null
        and :campaign is null
        and (:channel is null or :channel in (channel, channel_group))
    union all
    -- what has no sums is read deal by deal
    select
        case :by
            when 'stage' then stage
            when 'pipeline' then pipeline
            when 'channel' then channel
            when 'channel_group' then channel_group
            when 'campaign' then campaign
            when 'country' then country
            when 'industry' then industry
            when 'owner' then owner
            when 'segment'
                then nullif(trim(replace(segments, ';', ' + '), ' +'), '')
            else case icp when 1 then 'ideal customer profile' else 'others' end
        end,
        1,
        opportunity_on is not null,
        amount_reporting is not null,
        amount_reporting,
        amount_reporting * probability,
        created_on
    from deals
    where
        (
            :by not in ('stage', 'pipeline', 'channel', 'channel_group')
            or :segment is not null
            or :campaign is not null
        )
        and status = 'open'
        and is_new_business = 1
        and (:channel is null or :channel in (channel, channel_group))
        and (:segment is null or segments like '%;' || :segment || ';%')
        and (:campaign is null or campaign like :campaign escape '\')
)

select
    coalesce(nullif(name, ''), '(none)') as name,
    sum(deals) as open_deals,
    sum(opportunities) as opportunities,
    sum(amount) as open_amount,
    1.0 * sum(amount) / nullif(sum(sum(amount)) over (), 0) as amount_share,
    sum(weighted_amount) as weighted_amount,
    1.0 * sum(amount) / nullif(sum(deals_with_amount), 0) as average_amount,
    sum(deals) - sum(deals_with_amount) as without_amount,
    min(created_on) as oldest
from counted
group by coalesce(nullif(name, ''), '(none)')
order by open_amount desc, name
