-- Conversions as each ad platform counts them, in millionths.
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
