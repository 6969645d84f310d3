create view ad_performance_monthly as
-- What the ad platforms report by month, for questions about long periods.
-- Spend is null where there is some, but none with an exchange rate.
-- Grain: one row per month and campaign.
select
    m.month,
    c.platform,
    c.account,
    c.campaign_id,
    c.campaign,
    c.channel_group,
    c.channel,
    case
        when m.incomplete = 0 or m.spend_reporting_micros <> 0
            then m.spend_reporting_micros / 1000000.0
    end as spend_reporting,
    m.impressions,
    m.clicks,
    m.conversions_millionths / 1000000.0 as conversions,
    m.leads_millionths / 1000000.0 as leads
from ad_campaign_months as m
join ad_campaigns as c on c.id = m.campaign
