-- Days with ten times the usual number of new contacts
-- A list that somebody imported looks like demand, and makes every rate of its cohort low.
-- do: give the imported people a source of their own in the CRM and map it to a channel, or
-- do: exclude their addresses in `[exclude]`.
-- Grain: one row per day.
with days as (
    select m.day, sum(m.value) as people
    from measures as n
    -- in this order: people are counted by day already
    cross join measure_days_shown as m
    where n.name = 'cohort_contacts' and m.measure = n.id
    group by m.day
    having sum(m.value) > 0
),

ranked as (
    select
        day,
        people,
        -- of the other days within a month and a half
        1.0 * (sum(people) over near - people) / nullif(count(*) over near - 1, 0) as usual
    from days
    window near as (order by day range between 45 preceding and 45 following)
)

select
    date(day * 86400, 'unixepoch') as subject,
    people || ' new contacts, usually ' || round(usual, 1) as finding,
    people as records
from ranked
where people >= 20 and people > 10 * usual
order by day
