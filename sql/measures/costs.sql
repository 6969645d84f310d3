-- Costs entered by hand, by day and channel.
-- key: all
-- reads: costs, currency_rates

select
    'spend' as measure,
    day,
    channel_group,
    channel,
    amount_reporting_micros as value,
    amount_reporting_micros is null and amount_micros <> 0 as incomplete
from cost_days
