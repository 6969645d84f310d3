-- The people associated with a deal: by contact id, contact role, conversion, the person's own list of deals, or address;
-- where there is none of these, by a name that one person of the system has, or one at the deal's company.
-- Grain: one row per deal and person.
-- key: crm

create table deal_people (
    deal integer not null,
    person integer not null,
    primary key (deal, person)
) strict, without rowid;
-- deals of a person
create index deal_people_person on deal_people (person);
