create view notes as
-- Dated annotations: written down by hand, the campaigns of a CRM on their first day, and webinars and events that at
-- least five people signed up for.
-- Grain: one row per note.
select
    n.day,
    nullif(n.channel, '') as channel,
    n.text,
    'note' as kind
from notes_given as n
union all
select
    substr(c.start_on, 1, 10) as day,
    null as channel,
    c.name as text,
    'campaign' as kind
from crm_campaigns as c
where c.start_on <> '' and coalesce(c.is_deleted, 0) = 0 and c.name <> ''
union all
select
    m.starts_on as day,
    null as channel,
    m.name as text,
    'event' as kind
from meeting_facts as m
where m.starts_on is not null and m.name <> ''
group by m.system, m.name, m.starts_on
having count(*) >= 5;
