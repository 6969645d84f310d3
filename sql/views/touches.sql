create view touches as
-- Dated contacts of people with the company; a record's creation only where nothing precedes it.
-- Grain: one row per touch.
select
    p.person_id,
    t.touched_at,
    t.channel,
    t.campaign,
    t.kind,
    t.evidence,
    t.channel_group,
    t.touched_on
from person_touches as t
join persons as p on p.person = t.person;
