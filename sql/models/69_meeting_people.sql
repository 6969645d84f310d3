-- The CRM records that a meeting names, where it has no address. An event of a CRM's calendar has a negative number.
-- Grain: one row per meeting and record.
-- key: meeting

create table meeting_people (
    meeting integer not null,                  -- meetings_given.id, or that of activity_meetings
    source integer not null,
    record_id text not null,
    primary key (source, record_id, meeting)
) strict, without rowid;
-- replaced by meeting
create index meeting_people_meeting on meeting_people (meeting);

insert or ignore into meeting_people
select m.id, m.source, i.value
from meetings_given as m
join json_each(id_list(m.person_ids)) as i
where m.id in (select id from touched_meeting) and coalesce(m.person_ids, '') <> '';

insert or ignore into meeting_people
select e.meeting, a.source, i.value
from activity_meetings as e
join crm_activities as a on a.id = e.activity
join json_each(id_list(a.person_ids)) as i
where e.meeting in (select id from touched_meeting);
