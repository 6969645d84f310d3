-- Campaigns, by the name people and deals give them, whose people or deals changed.
select o.campaign_key
from persons as p
join origins as o on o.id = p.origin
where p.person in (select id from touched_person)
union
select o.campaign_key
from deal_facts as d
join origins as o on o.id = d.origin
where d.deal in (select id from touched_deal)
union
select o.campaign_key
from customers as c
join origins as o on o.id = c.origin
where c.customer in (select id from touched_customer)
