create view deal_contacts as
-- The people associated with each deal.
-- Grain: one row per deal and person.
select
    d.system,
    d.deal_id,
    p.person_id
from deal_people as l
join deal_facts as d on d.deal = l.deal
join persons as p on p.person = l.person
