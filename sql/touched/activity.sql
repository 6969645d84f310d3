-- Activities that an export changed, and events whose meeting came from or went to an export of meetings.
select record from touched_rows where target = 'crm_activities'
union
select a.id
from touched_rows as t
join meetings_given as m on m.id = t.record
join crm_activities as a on a.source = m.source and a.record_id = m.meeting_id
where t.target = 'meetings_given'
