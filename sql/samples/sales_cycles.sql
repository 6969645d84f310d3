-- Days from first touch to won, of new business.
select closed_on as day, channel_group, channel, sales_cycle_days as value
from deal_facts
where status = 'won' and is_new_business and sales_cycle_days is not null
