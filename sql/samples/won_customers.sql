-- Customers with a deal won.
select closed_on as day, channel_group, channel, customer_key as value
from deal_facts
where status = 'won' and closed_on is not null
