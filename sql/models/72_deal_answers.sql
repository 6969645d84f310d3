-- What the people of won deals say brought them.
-- Grain: one row per won deal and person with an answer.
-- key: deal

create table deal_answers (
    deal integer not null,
    person integer not null,
    answer integer not null,                   -- words.id
    primary key (deal, person)
) strict, without rowid;

insert into deal_answers
select d.deal, p.person, p.answer
from deal_facts as d
cross join deal_people as l on l.deal = d.deal
cross join persons as p on p.person = l.person
where d.deal in (select id from touched_deal) and +d.status = 'won' and p.answer is not null;
