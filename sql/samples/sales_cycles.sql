-- Days from first touch to won, of new business.
select k.day, h.channel_group, h.channel, d.sales_cycle_days as value
from calendar_days as k
join deal_facts as d on d.closed_day = k.day_number
join channels as h on h.id = d.channel
where d.status = 'won' and d.is_new_business and d.sales_cycle_days is not null
