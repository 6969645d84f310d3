-- Companies of touched people, deals and company records, before and after.
select customer_key from deal_facts where deal in (select id from touched_deal)
union
select c.company_key
from persons as p
join company_facts as c on c.source = p.company_source and c.record_id = p.company_id
where p.person in (select id from touched_person)
union
select company_key from company_facts where record in (select id from touched_company_record)
