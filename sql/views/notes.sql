create view notes as
-- Dated annotations: written down by hand, and the campaigns of a CRM on their first day.
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
where c.start_on <> '' and coalesce(c.is_deleted, 0) = 0 and c.name <> '';
