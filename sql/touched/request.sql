-- Inbound requests that an export changed, and those of people who changed.
select record from touched_rows where target = 'requests_given'
union
select request from request_facts where person in (select id from touched_person)
union
select r.request
from touched_mail as e
join request_facts as r on r.email_key = e.id
