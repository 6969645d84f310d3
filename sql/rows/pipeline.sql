-- Deals that became opportunities in the period
-- measures: pipeline_created, deal_opportunities
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    opportunity_on as day,
    system || ':' || deal_id as record,
    coalesce(name, company) as name,
    channel,
    case :measure when 'pipeline_created' then amount_reporting else 1 end as value
from deals
where
    opportunity_on between :from and :to
    and is_new_business = 1
    and (:channel is null or :channel in (channel, channel_group))
order by opportunity_on, record
