-- Which campaign a name means that people, deals, CRM campaigns or costs give: the ad campaign with that id, else with
-- that name (of the platform they came from, where several have it), else the one its alias names, else itself.
-- Grain: one row per name and platform.
-- key: all
-- reads: costs, currency_rates, crm_campaigns, touched campaign, touched campaign_name

create table campaign_links (
    campaign_key text not null,
    platform text not null,                    -- of the person; '' = unknown
    entity text not null,                      -- ad:… (ad_campaigns.id) or name:…
    primary key (campaign_key, platform)
) strict, without rowid;

insert into campaign_links
with named as (
    select distinct campaign_key, platform from campaign_results
    union
    select distinct campaign_key, '' from cost_days where campaign_key <> ''
    union
    select norm_name(name), '' from crm_campaigns where norm_name(name) is not null and coalesce(is_deleted, 0) = 0
),

ads as (
    select
        c.id,
        c.platform,
        c.campaign_id,
        norm_name(c.campaign) as campaign_key,
        coalesce(max(m.month), '') as last_month
    from ad_campaigns as c
    left join ad_campaign_months as m on m.campaign = c.id
    group by c.id
),

aliases as (
    select
        n.campaign_key,
        n.platform,
        norm_name(campaign_alias(n.campaign_key) ->> 'campaign') as means,
        campaign_alias(n.campaign_key) ->> 'platform' as means_platform
    from named as n
    where campaign_alias(n.campaign_key) is not null
),

found as (
    select n.campaign_key, n.platform, a.id, 1 as way, a.platform as ad_platform, a.last_month
    from named as n
    join ads as a on a.campaign_id = n.campaign_key and a.campaign_id <> ''
    union all
    select n.campaign_key, n.platform, a.id, 2, a.platform, a.last_month
    from named as n
    join ads as a on a.campaign_key = n.campaign_key
    union all
    select n.campaign_key, n.platform, a.id, 3, a.platform, a.last_month
    from aliases as n
    join ads as a
        on (a.campaign_key = n.means or a.campaign_id = n.means)
        and (n.means_platform is null or a.platform = n.means_platform)
),

ranked as (
    select
        *,
        row_number() over (
            partition by campaign_key, platform
            order by way, ad_platform <> platform, last_month desc, id
        ) as n
    from found
)

select
    n.campaign_key,
    n.platform,
    coalesce('ad:' || r.id, 'name:' || coalesce(a.means, n.campaign_key))
from named as n
left join ranked as r on r.campaign_key = n.campaign_key and r.platform = n.platform and r.n = 1
left join aliases as a on a.campaign_key = n.campaign_key and a.platform = n.platform;
