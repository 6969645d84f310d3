-- Meetings: booked, attended, and what came of them
-- A customer's meeting is no prospect's and is not counted; a reschedule is the same meeting.
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
            'meetings_booked',
            'meetings_attended',
            'meeting_attendance_rate',
            'meeting_to_opportunity_rate'
        )
)

select
    s.label as period,
    coalesce(c.channel_group, 'All') as channel_group,
    coalesce(c.channel, 'All') as channel,
    max(case when c.kpi = 'meetings_booked' then c.value end) as meetings_booked,
    max(case when c.kpi = 'meetings_attended' then c.value end) as meetings_attended,
    max(case when c.kpi = 'meeting_attendance_rate' then c.value end) as meeting_attendance_rate,
    max(case when c.kpi = 'meeting_to_opportunity_rate' then c.value end) as meeting_to_opportunity_rate,
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
