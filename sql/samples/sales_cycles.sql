-- Days from first touch to won, of new business.
select k.day, h.channel_group, h.channel, d.sales_cycle_days as value,
    s.system || ':' || r.record_id as record, coalesce(r.name, r.company) as name
from calendar_days as k
join deal_facts as d on d.closed_day = k.day_number
join channels as h on h.id = d.channel
left join crm_deals as r on r.id = d.deal
left join sources as s on s.id = d.source
where d.status = 'won' and d.is_new_business and d.sales_cycle_days is not null
