create view self_reported_people as
-- What people say brought them, and how far they came; `answer` is null for those who say nothing.
-- Grain: one row per day of creation, channel, answer and list of segments.
with cohorts as (
    select
        m.day,
        m.scope,
        m.value as people,
        coalesce(o.value, 0) as opportunities,
        coalesce(w.value, 0) as customers
    from measures as n
    cross join measure_days_shown as m
    left join measure_days_shown as o
        on o.measure = (select id from measures where name = 'cohort_opportunities')
            and o.day = m.day
            and o.scope = m.scope
    left join measure_days_shown as w
        on w.measure = (select id from measures where name = 'cohort_won')
            and w.day = m.day
            and w.scope = m.scope
    where n.name = 'cohort_contacts' and m.measure = n.id
),

known as (
    select
        created_day,
        channel,
        sum(people) as people,
        sum(opportunities) as opportunities,
        sum(customers) as customers
    from answer_days
    group by created_day, channel
),

-- most people say nothing and are in no segment: who of a cohort is not known to
silent as (
    select
        c.day as created_day,
        h.id as channel,
        c.people - coalesce(k.people, 0) as people,
        c.opportunities - coalesce(k.opportunities, 0) as opportunities,
        c.customers - coalesce(k.customers, 0) as customers
    from cohorts as c
    join scopes as s on s.id = c.scope
    join channels as h on h.channel_group = s.channel_group and h.channel = s.channel
    left join known as k on k.created_day = c.day and k.channel = h.id
    where c.people > coalesce(k.people, 0)
),

said as (
    select created_day, channel, answer, segments, people, opportunities, customers from answer_days
    union all
    select created_day, channel, 0, '', people, opportunities, customers from silent
)

select
    created.day as created_on,
    h.channel_group,
    h.channel,
    w.word as answer,
    nullif(a.segments, '') as segments,
    a.people,
    a.opportunities,
    a.customers
from said as a
join calendar_days as created on created.day_number = a.created_day
join channels as h on h.id = a.channel
left join words as w on w.id = a.answer;
