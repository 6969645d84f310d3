create view touches as
-- Dated contacts of people with the company; a record's creation only where nothing precedes it.
-- Grain: one row per touch.
select
    s.system || ':' || r.record_id as person_id,
    t.touched_at,
    h.channel,
    t.campaign,
    w.kind,
    w.evidence,
    h.channel_group,
    k.day as touched_on
from person_touches as t
join touch_ways as w on w.id = t.way
join channels as h on h.id = t.channel
join calendar_days as k on k.day_number = t.touched_day
join persons as p on p.person = t.person
join crm_people as r on r.id = coalesce(p.record, p.person)
join sources as s on s.id = r.source
union all
select
    s.system || ':' || r.record_id,
    coalesce(p.created_at, substr(r.created_at, 1, 19) || 'Z'),
    case when p.is_creation_touch = 2 then 'Unknown' else h.channel end,
    nullif(o.campaign, ''),
    'created',
    'record',
    case when p.is_creation_touch = 2 then 'Unknown' else h.channel_group end,
    k.day
from persons as p
join crm_people as r on r.id = coalesce(p.record, p.person)
join sources as s on s.id = r.source
join channels as h on h.id = p.channel
join calendar_days as k on k.day_number = p.created_day
left join origins as o on o.id = p.origin
where p.is_creation_touch > 0;
