-- The addresses a person is known by.
-- Grain: one row per address and person.
-- key: person

create table person_emails (
    email text not null,                       -- trimmed, lower case
    person integer not null,
    primary key (email, person)
) strict, without rowid;
-- replaced by person
create index person_emails_person on person_emails (person);

insert or ignore into person_emails (email, person)
select norm_email(p.email), r.person
from person_records as r
join crm_people as p on p.id = r.record
where r.person in (select id from touched_person) and norm_email(p.email) is not null;

insert or ignore into person_emails (email, person)
select norm_email(i.value), r.person
from person_records as r
join crm_people as p on p.id = r.record
join json_each(id_list(p.additional_emails)) as i
where
    r.person in (select id from touched_person)
    and p.additional_emails <> '' and norm_email(i.value) is not null;
