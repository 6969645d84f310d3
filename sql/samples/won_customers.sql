-- Customers with a deal won.
select k.day, h.channel_group, h.channel, d.customer as value,
    d.customer as record, coalesce(nullif(r.company, ''), r.name) as name
from calendar_days as k
join deal_facts as d on d.closed_day = k.day_number
join channels as h on h.id = d.channel
left join crm_deals as r on r.id = d.deal
where d.status = 'won'
