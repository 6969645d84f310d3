-- Meetings that a CRM knows as events of its calendar, unless an export of meetings has them.
-- Grain: one row per event.
-- key: activity

create table activity_meetings (
    activity integer primary key,              -- crm_activities.id
    meeting integer not null unique            -- its negative: beside meetings_given.id
) strict;

insert into activity_meetings
select a.id, -a.id
from crm_activities as a
where
    a.id in (select id from touched_activity)
    and a.kind = 'event' and a.person_ids <> '' and coalesce(a.is_deleted, 0) = 0
    and not exists (
        select 1 from meetings_given as m where m.source = a.source and m.meeting_id = a.record_id
    );
