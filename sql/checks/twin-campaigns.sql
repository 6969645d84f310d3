-- One campaign under two names
-- Names that differ only in case, spaces, dashes or underscores.
-- do: add a `[[campaign_alias]]`; `funnelite check --fix-rules` writes it.
-- Grain: one row per pair.
with named as (
    select
        campaign,
        max(coalesce(platform, '')) as platform,
        max(coalesce(spend, 0)) as spend,
        sum(coalesce(leads, 0)) as leads,
        lower(
            replace(replace(replace(replace(campaign, ' ', ''), '_', ''), '-', ''), '|', '')
        ) as plain
    from campaigns
    where coalesce(campaign, '') <> ''
    group by campaign
)

select
    a.campaign || ' = ' || b.campaign as subject,
    'spend ' || round(a.spend, 2) || ' under ' || a.campaign || ', ' || b.leads
        || ' leads under ' || b.campaign as finding,
    cast(a.leads + b.leads as integer) as records,
    b.campaign as value,
    a.campaign as other
from named as a
inner join named as b on a.plain = b.plain and a.campaign <> b.campaign
where (a.spend, a.leads, a.campaign) > (b.spend, b.leads, b.campaign)
order by a.spend desc, subject
