-- Meetings that an export changed, events of a calendar among them, and those of people who changed.
select record from touched_rows where target = 'meetings_given'
union
select -id from touched_activity
union
select meeting from meeting_facts where person in (select id from touched_person)
union
select m.meeting
from touched_mail as e
join meeting_facts as m on m.email_key = e.id
union
select m.meeting
from touched_person_record as t
join crm_people as p on p.id = t.id
join meeting_people as l on l.source = p.source and l.record_id = p.record_id
join meeting_facts as m on m.meeting = l.meeting
where exists (select 1 from meeting_people)
