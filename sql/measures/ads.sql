-- What the ad platforms report, by day and channel. Leads in millionths.
-- key: campaign
-- form: wide

select
    channel,
    day as spend,
    spend_reporting_micros as "spend.value",
    incomplete as "spend.incomplete",
    day as ad_spend,
    spend_reporting_micros as "ad_spend.value",
    incomplete as "ad_spend.incomplete",
    day as impressions,
    impressions as "impressions.value",
    day as clicks,
    clicks as "clicks.value",
    day as platform_leads,
    leads_millionths as "platform_leads.value"
from ad_channel_days
where day in (select id from touched_ad_day)
