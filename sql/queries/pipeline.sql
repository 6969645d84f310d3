-- Open pipeline: where it stands, how old it is, where it comes from
-- New-business deals that are open on the last day of the data.
-- Grain: one row per stage, or what `--by` names.
-- :by  one row per, default stage, one of stage|pipeline|channel|channel_group|campaign|country|industry|owner|icp|segment
-- :segment  only deals of this segment of funnelite.toml, optional
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
with open_deals as (
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
        end as name,
        amount_reporting,
        amount_reporting * probability as weighted,
        opportunity_on,
        created_on
    from deals
    where
        status = 'open'
        and is_new_business = 1
        and (:channel is null or :channel in (channel, channel_group))
        and (:segment is null or segments like '%;' || :segment || ';%')
        and (:campaign is null or campaign like :campaign escape '\')
)

select
    coalesce(nullif(name, ''), '(none)') as name,
    count(*) as open_deals,
    sum(opportunity_on is not null) as opportunities,
    sum(amount_reporting) as open_amount,
    1.0 * sum(amount_reporting) / nullif(sum(sum(amount_reporting)) over (), 0)
        as amount_share,
    sum(weighted) as weighted_amount,
    avg(amount_reporting) as average_amount,
    sum(amount_reporting is null) as without_amount,
    min(created_on) as oldest
from open_deals
group by coalesce(nullif(name, ''), '(none)')
order by open_amount desc, name
