-- Customers by the day of their first won deal.
-- key: customer

select 'new_customers' as measure, first_won_on as day, channel_group, channel, 1 as value, 0 as incomplete
from customers
where customer_key in (select id from touched_customer);
