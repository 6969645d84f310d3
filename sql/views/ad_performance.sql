create view ad_performance as
-- What the ad platforms report: every campaign and day once, whatever the exports' levels and periods.
-- Grain: one row per day, campaign and ad group (null where the campaign is reported as a whole) in one currency.
select
    k.day,
    c.platform,
    c.account,
    c.campaign_id,
    c.campaign,
    nullif(l.ad_group, '') as ad_group,
    c.channel_group,
    c.channel,
    nullif(l.currency, '') as currency,
    d.spend_micros / 1000000.0 as spend,
    d.spend_reporting_micros / 1000000.0 as spend_reporting,
    d.impressions,
    d.clicks,
    d.conversions_millionths / 1000000.0 as conversions,
    d.leads_millionths / 1000000.0 as leads
from ad_days as d
join calendar_days as k on k.day_number = d.day
join ad_places as l on l.id = d.place
join ad_campaigns as c on c.id = l.campaign
union all
select
    k.day,
    c.platform,
    c.account,
    c.campaign_id,
    c.campaign,
    nullif(l.ad_group, ''),
    c.channel_group,
    c.channel,
    nullif(l.currency, ''),
    d.spend_micros / 1000000.0,
    d.spend_micros / 1000000.0,
    d.impressions,
    d.clicks,
    d.conversions_millionths / 1000000.0,
    d.leads_millionths / 1000000.0
-- cross: rows lie by day
from calendar_days as k
cross join ad_rows as d
join ad_campaign_paths as m on m.path = d.path
join ad_places as l on l.id = m.place
join ad_campaigns as c on c.id = l.campaign
where d.period_start = k.day_number;
