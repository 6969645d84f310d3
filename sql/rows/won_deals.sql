-- Deals closed in the period
-- measures: won_deals, won_revenue, won_customers, new_business_deals, new_business_revenue, new_business_deals_with_amount, sales_cycle_days, sales_cycles, lost_deals, lost_revenue
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    closed_on as day,
    system || ':' || deal_id as record,
    coalesce(name, company) as name,
    channel,
    case
        when :measure in ('won_revenue', 'new_business_revenue', 'lost_revenue')
            then amount_reporting
        when :measure = 'sales_cycle_days' then sales_cycle_days
        else 1
    end as value
from deals
where
    closed_on between :from and :to
    and status = case when :measure like 'lost%' then 'lost' else 'won' end
    and (is_new_business = 1 or :measure in ('won_deals', 'won_revenue', 'won_customers'))
    and (amount_reporting is not null or :measure <> 'new_business_deals_with_amount')
    and (sales_cycle_days is not null or :measure <> 'sales_cycles')
    and (:channel is null or :channel in (channel, channel_group))
order by closed_on, record
