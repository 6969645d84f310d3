-- Days with ten times the usual number of new contacts
-- A list that somebody imported looks like demand, and makes every rate of its cohort low.
-- do: give the imported people a source of their own in the CRM and map it to a channel, or
-- do: exclude their addresses in `[exclude]`.
-- Grain: one row per day.
with days as (
    select created_on as day, count(*) as people, max(channel) as channel
    from people
    where created_on is not null
    group by created_on
),

ranked as (
    select
        *,
        (
            select avg(near.people)
            from days as near
            where
                near.day between date(days.day, '-45 days') and date(days.day, '+45 days')
                and near.day <> days.day
        ) as usual
    from days
)

select
    day as subject,
    people || ' new contacts, usually ' || round(usual, 1) as finding,
    people as records
from ranked
where people >= 20 and people > 10 * usual
order by day
