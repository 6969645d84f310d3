-- Spend that belongs to no channel
-- It is in every total and in no channel, so channel costs look lower than they are.
-- do: give the sheet's rows a channel, or add a `[[channel]]` rule with `platform` or `campaign`.
-- kpis: spend
-- Grain: one row per platform or category, and campaign.
select
    coalesce(nullif(platform, ''), nullif(category, ''), 'costs')
        || case when coalesce(campaign, '') <> '' then ' / ' || campaign else '' end
        as subject,
    'spend ' || coalesce(round(sum(spend_reporting), 2), 'without a rate') || ' from ' || min(day) || ' to '
        || max(day) as finding,
    count(*) as records
-- spend is read only where there is some of which no channel is known
from (
    select 1 from ad_campaigns where channel = 'Unknown'
    union all
    select 1 from cost_days where channel = 'Unknown'
    limit 1
)
cross join spend
where channel = 'Unknown'
group by subject
order by sum(spend_reporting) desc, subject
