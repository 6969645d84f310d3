-- Campaigns of the ad platforms, and those known only to the CRM.
-- Grain: one row per campaign.
-- key: all
-- reads: costs, currency_rates, crm_campaigns, touched campaign, touched campaign_name

create table campaign_entities (
    entity text primary key,
    platform text,
    account text,
    campaign_id text,
    campaign text not null,
    channel_group text not null,
    channel text not null,
    gross_margin real not null
) strict, without rowid;

insert into campaign_entities
with said as (
    select
        l.entity,
        max(r.campaign) as campaign,
        max(printf('%012d', r.leads + r.won_deals + 1) || r.channel_group || '|' || r.channel) as place,
        null as campaign_id
    from campaign_results as r
    join campaign_links as l on l.campaign_key = r.campaign_key and l.platform = r.platform
    where l.entity like 'name:%'
    group by l.entity
    union all
    select
        l.entity,
        c.name,
        '000000000000' || channel_of(json_object('campaign_type', c.type, 'campaign', c.name)),
        c.record_id
    from crm_campaigns as c
    join campaign_links as l on l.campaign_key = norm_name(c.name) and l.platform = ''
    where l.entity like 'name:%' and coalesce(c.is_deleted, 0) = 0
),

known as (
    select
        entity,
        max(campaign) as campaign,
        coalesce(
            max(case when place not like '%|Unknown' then place end), max(place)
        ) as place,
        max(campaign_id) as campaign_id
    from said
    group by entity
)

select
    'ad:' || id,
    platform,
    account,
    nullif(campaign_id, ''),
    campaign,
    channel_group,
    channel,
    gross_margin()
from ad_campaigns
union all
select
    entity,
    null,
    null,
    campaign_id,
    campaign,
    substr(place, 13, instr(place, '|') - 13),
    substr(place, instr(place, '|') + 1),
    gross_margin()
from known;
