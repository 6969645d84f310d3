create view deal_contacts as
-- The people associated with each deal, with what both say of where it came from.
-- Grain: one row per deal and person.
select
    d.system,
    d.deal_id,
    d.status,
    d.closed_on,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    p.person_id,
    p.created_on,
    p.self_reported_source,
    p.channel_group,
    p.channel
from deal_facts as d
join deal_people as l on l.deal = d.deal
join persons as p on p.person = l.person
