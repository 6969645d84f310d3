-- Deals that became opportunities in the period, or are open ones at its end
-- measures: pipeline_created, qualified_deals, pipeline_open, weighted_pipeline
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    opportunity_on as day,
    system || ':' || deal_id as record,
    coalesce(name, company) as name,
    channel,
    case :measure
        when 'qualified_deals' then 1
        when 'weighted_pipeline' then amount_reporting * probability
        else amount_reporting
    end as value
from deals
where
    opportunity_on <= :to
    and case :measure
        when 'pipeline_open'
            then status = 'open' or (closed_on > opportunity_on and closed_on > :to)
        when 'weighted_pipeline' then status = 'open'
        else opportunity_on >= :from
    end
    and (:channel is null or :channel in (channel, channel_group))
order by opportunity_on, record
