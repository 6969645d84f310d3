-- Company records that an export changed, and those merged into them.
select record from touched_rows where target = 'crm_companies'
union
select m.id
from touched_rows as t
join crm_companies as c on c.id = t.record
join crm_companies as m on m.source = c.source and m.merged_into_id = c.record_id and m.merged_into_id <> ''
where t.target = 'crm_companies'
