-- What the ad platforms report, by day and channel. Conversions and leads in millionths.
-- key: campaign

select 'spend', day, channel_group, channel, spend_reporting_micros, incomplete from ad_channel_days
union all
select 'ad_spend', day, channel_group, channel, spend_reporting_micros, incomplete from ad_channel_days
union all
select 'impressions', day, channel_group, channel, impressions, 0 from ad_channel_days
union all
select 'clicks', day, channel_group, channel, clicks, 0 from ad_channel_days
union all
select 'platform_leads', day, channel_group, channel, leads_millionths, 0 from ad_channel_days
union all
select 'ad_conversions@' || platform, day, channel_group, channel, conversions_millionths, 0
from ad_channel_days
