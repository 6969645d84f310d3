-- Inbound requests: how fast and how completely they are answered
-- Minutes to the first human answer, among answered; never-answered requests count against the
-- share within target. Business hours are those of `[business_hours]`.
-- Grain: one row per period and, with `--by`, channel or group.
-- :from  first day, default last-12-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :channel  a channel or channel group, optional
-- :by  one row per period and this, default total, one of total|channel_group|channel
with spans as (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

cells as (
    select period, channel_group, channel, kpi, value
    from kpi_cells
    where
        grain = :grain
        and level = :by
        and period between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and kpi in (
            'inbound_requests',
            'inbound_response_minutes',
            'median_inbound_response_minutes',
            'inbound_business_response_minutes',
            'median_inbound_business_response_minutes',
            'inbound_never_answered',
            'inbound_within_target_rate',
            'inbound_outcome_rate'
        )
)

select
    s.label as period,
    coalesce(c.channel_group, 'All') as channel_group,
    coalesce(c.channel, 'All') as channel,
    max(case when c.kpi = 'inbound_requests' then c.value end) as inbound_requests,
    max(case when c.kpi = 'inbound_response_minutes' then c.value end) as inbound_response_minutes,
    max(case when c.kpi = 'median_inbound_response_minutes' then c.value end) as median_inbound_response_minutes,
    max(case when c.kpi = 'inbound_business_response_minutes' then c.value end)
        as inbound_business_response_minutes,
    max(case when c.kpi = 'median_inbound_business_response_minutes' then c.value end)
        as median_inbound_business_response_minutes,
    max(case when c.kpi = 'inbound_never_answered' then c.value end) as never_answered,
    max(case when c.kpi = 'inbound_within_target_rate' then c.value end) as inbound_within_target_rate,
    max(case when c.kpi = 'inbound_outcome_rate' then c.value end) as inbound_outcome_rate,
    s.is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where
            n.day between s.starts and s.ends
            and (n.channel is null or :channel is null or n.channel = :channel)
    ) as notes
from spans as s
left join cells as c on s.starts = c.period
group by s.starts, s.ends, s.label, s.is_complete, c.channel_group, c.channel
order by s.starts, c.channel_group, c.channel
