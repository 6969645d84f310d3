-- Deals closed in the period
-- measures: won_deals, won_revenue, new_business_deals, new_business_revenue, new_business_deals_with_amount, sales_cycle_days, lost_deals, closed_deals, lost_revenue, closed_revenue
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
        when :measure in (
            'won_revenue', 'new_business_revenue', 'lost_revenue', 'closed_revenue'
        )
            then amount_reporting
        when :measure = 'sales_cycle_days' then sales_cycle_days
        else 1
    end as value
from deals
where
    closed_on between :from and :to
    and case
        when :measure in ('won_deals', 'won_revenue') then status = 'won'
        when :measure in ('lost_deals', 'lost_revenue')
            then status = 'lost' and is_new_business = 1
        when :measure in ('closed_deals', 'closed_revenue')
            then status in ('won', 'lost') and is_new_business = 1
        when :measure = 'new_business_deals_with_amount'
            then status = 'won' and is_new_business = 1 and amount_reporting <> 0
        else status = 'won' and is_new_business = 1
    end
    and (:channel is null or :channel in (channel, channel_group))
order by closed_on, record
