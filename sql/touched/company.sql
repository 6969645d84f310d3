-- Companies of touched people, deals and company records, before and after.
select customer from deal_facts where deal in (select id from touched_deal)
union
select c.customer
from persons as p
join company_facts as c on c.reference = p.company
where p.person in (select id from touched_person)
union
select customer from company_facts where record in (select id from touched_company_record)
