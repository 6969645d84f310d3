-- Inbound requests that an export changed, those of people who changed, and those of people with whom something was done.
select record from touched_rows where target = 'requests_given'
union
select request from request_facts where person in (select id from touched_person)
union
select r.request
from touched_mail as e
join request_facts as r on r.email_key = e.id
union
select request from requests_made where record in (select id from touched_record)
union
select m.request
from touched_person_record as t
cross join requests_made as m on m.record = t.id
union
select f.request
from touched_activity as t
cross join activity_people as a on a.activity = t.id
cross join crm_people as p on p.source = a.source and p.object in ('contact', 'lead') and p.record_id = a.record_id
left join person_records as r on r.record = p.id
cross join request_facts as f on f.person = coalesce(r.person, p.id)
