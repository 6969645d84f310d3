create view kpi_cells as
-- Every KPI value of all grains in one place; what the four kpi_* views show, with its level: total, channel_group or
-- channel. The grains week_elapsed, month_elapsed, … hold what a running period is compared with: the same number of
-- elapsed days of the period before and of a year before.
-- Grain: one row per grain, period, channel group, channel and KPI.
select
    grain,
    period,
    case
        when channel_group = 'All' then 'total'
        when channel = 'All' then 'channel_group'
        else 'channel'
    end as level,
    channel_group,
    channel,
    kpi,
    value,
    numerator,
    denominator,
    incomplete
from kpi_values
