-- Conversions as each ad platform counts them, in millionths, and which platforms feed a day at all.
-- key: campaign

select
    'ad_conversions@' || d.platform as measure,
    d.day,
    h.channel_group,
    h.channel,
    d.conversions_millionths as value,
    0 as incomplete
from ad_channel_days as d
join channels as h on h.id = d.channel
where d.day in (select id from touched_ad_day)
union all
select
    'ad_conversions_fed@' || d.platform,
    d.day,
    h.channel_group,
    h.channel,
    d.spend_reporting_micros <> 0 or d.impressions <> 0 or d.clicks <> 0 or d.conversions_millionths <> 0,
    0
from ad_channel_days as d
join channels as h on h.id = d.channel
where d.day in (select id from touched_ad_day)
