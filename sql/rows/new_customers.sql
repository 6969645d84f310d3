-- Deals that made a new customer in the period
-- measures: new_customers
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    closed_on as day,
    system || ':' || deal_id as record,
    coalesce(company, name) as name,
    channel,
    1 as value
from deals
where
    is_new_customer = 1
    and closed_on between :from and :to
    and (:channel is null or :channel in (channel, channel_group))
order by closed_on, record
