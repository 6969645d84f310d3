-- Customers by the day of their first won deal.
-- key: customer
-- form: wide

select channel, first_won_day as new_customers
from customers
where customer in (select id from touched_customer)
