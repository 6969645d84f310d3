create view ad_performance_monthly as
-- What the ad platforms report by month, for questions about long periods.
-- Grain: one row per month and campaign.
select
    m.month,
    c.platform,
    c.account,
    c.campaign_id,
    c.campaign,
    c.channel_group,
    c.channel,
    m.spend_reporting_micros / 1000000.0 as spend_reporting,
    m.impressions,
    m.clicks,
    m.conversions_millionths / 1000000.0 as conversions,
    m.leads_millionths / 1000000.0 as leads
from ad_campaign_months as m
join ad_campaigns as c on c.id = m.campaign
