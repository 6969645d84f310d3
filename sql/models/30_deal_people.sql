-- The people associated with a deal: by contact id, contact role, conversion, the person's own list of deals, or address.
-- Grain: one row per deal and person.
-- key: deal

create table deal_people (
    deal integer not null,
    person integer not null,
    primary key (deal, person)
) strict, without rowid;
-- deals of a person
create index deal_people_person on deal_people (person);

insert or ignore into deal_people (deal, person)
select l.deal, r.person
from deal_links as l
join crm_people as p on p.source = l.source and p.object in ('contact', 'lead') and p.record_id = l.record_id
join person_records as r on r.record = p.id
where l.deal in (select id from touched_deal);

insert or ignore into deal_people (deal, person)
select l.deal, e.person
from deal_links as l
join person_emails as e on e.email = l.record_id
where l.source = 0 and l.deal in (select id from touched_deal);

insert or ignore into deal_people (deal, person)
select k.deal, r.person
from deal_records as k
join crm_deals as d on d.id = k.record
join record_deals as l on l.source = d.source and l.deal_id = d.record_id
join person_records as r on r.record = l.record
where k.deal in (select id from touched_deal);
