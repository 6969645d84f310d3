-- Campaigns with people and no spend, where ads of the same channel have spend and no people
-- Often one campaign under two names: renamed in the ad platform, or tagged differently.
-- do: add a `[[campaign_alias]]` where two are one; `funnelite check --fix-rules` writes the
-- do: nearest of each.
-- Grain: one row per campaign without spend.
with sided as (
    select
        campaign,
        channel,
        sum(coalesce(spend, 0)) as spend,
        sum(coalesce(leads, 0)) as leads
    from campaigns
    where coalesce(campaign, '') <> ''
    group by campaign, channel
)

select
    p.campaign || ' (' || p.channel || ')' as subject,
    p.leads || ' leads and no spend; spend and no leads: ' || group_concat(s.campaign, ', ')
        as finding,
    cast(p.leads as integer) as records,
    p.campaign as value,
    group_concat(s.campaign, char(31)) as others
from sided as p
inner join sided as s on p.channel = s.channel
where p.spend = 0 and p.leads > 0 and s.spend > 0 and s.leads = 0
group by p.campaign, p.channel, p.leads
order by p.leads desc, subject
