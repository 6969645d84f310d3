-- People by the day they were created.
-- key: person
-- form: wide
-- shown by day: cohort_contacts

select
    channel,
    coalesce(contact_day, created_day) as contacts,
    created_day as cohort_contacts
from persons
where person in (select id from touched_person)
