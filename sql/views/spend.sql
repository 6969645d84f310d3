create view spend as
-- Everything marketing spends: ad platforms and costs entered by hand, in the reporting currency.
-- Grain: one row per day, channel, platform, campaign and category; platform is null for costs entered by hand.
select
    k.day,
    c.channel_group,
    c.channel,
    c.platform,
    c.campaign,
    'advertising' as category,
    sum(d.spend_reporting_micros) / 1000000.0 as spend_reporting
from ad_days as d
join calendar_days as k on k.day_number = d.day
join ad_places as l on l.id = d.place
join ad_campaigns as c on c.id = l.campaign
where d.spend_micros is not null
group by k.day, c.id, c.channel_group, c.channel, c.platform, c.campaign
union all
select
    k.day,
    c.channel_group,
    c.channel,
    c.platform,
    c.campaign,
    'advertising',
    sum(d.spend_micros) / 1000000.0
-- cross: rows lie by day
from calendar_days as k
cross join ad_rows as d
join ad_campaign_paths as m on m.path = d.path
join ad_places as l on l.id = m.place
join ad_campaigns as c on c.id = l.campaign
where d.period_start = k.day_number and d.spend_micros is not null
group by k.day, c.id, c.channel_group, c.channel, c.platform, c.campaign
union all
select
    day,
    channel_group,
    channel,
    null as platform,
    nullif(campaign, '') as campaign,
    nullif(category, '') as category,
    sum(amount_reporting_micros) / 1000000.0 as spend_reporting
from cost_days
group by day, channel_group, channel, campaign, category
