-- Customers with a deal won.
-- key: deal
select
    d.deal, d.closed_day as day, d.channel, d.customer as value,
    d.customer as record, coalesce(nullif(r.company, ''), r.name) as name
from deal_facts as d
left join crm_deals as r on r.id = d.deal
where d.closed_day is not null and d.status = 'won'
