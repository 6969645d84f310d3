create view campaigns as
-- Campaigns: what they cost in the reporting currency, and the people whose first touch they are. Campaigns known only
-- to the CRM have no platform.
-- Spend is null where there is some, but none with an exchange rate.
-- Grain: one row per campaign.
select
    e.platform,
    e.campaign_id,
    e.campaign,
    e.channel_group,
    e.channel,
    min(m.first_day) as first_day,
    max(m.last_day) as last_day,
    sum(m.spend_micros) / 1000000.0 as spend,
    sum(m.impressions) as impressions,
    sum(m.clicks) as clicks,
    1.0 * sum(m.clicks) / nullif(sum(m.impressions), 0) as ctr,
    sum(m.ad_spend_micros) / 1000000.0 / nullif(sum(m.clicks), 0) as cpc,
    sum(m.leads) as leads,
    sum(m.spend_micros) / 1000000.0 / nullif(sum(m.leads), 0) as cost_per_lead,
    sum(m.mqls) as mqls,
    sum(m.spend_micros) / 1000000.0 / nullif(sum(m.mqls), 0) as cost_per_mql,
    sum(m.opportunities) as opportunities,
    sum(m.spend_micros) / 1000000.0 / nullif(sum(m.opportunities), 0) as cost_per_opportunity,
    sum(m.won_deals) as won_deals,
    sum(m.new_customers) as new_customers,
    sum(m.revenue_micros) / 1000000.0 as revenue,
    sum(m.new_business_revenue_micros) / 1000000.0
        / nullif(sum(m.new_business_deals_with_amount), 0) as average_deal_size,
    1.0 * sum(m.sales_cycle_days) / nullif(sum(m.sales_cycles), 0) as average_sales_cycle_days,
    1.0 * sum(m.new_business_deals) / nullif(sum(m.leads), 0) as lead_to_close_rate,
    sum(m.spend_micros) / 1000000.0 / nullif(sum(m.new_customers), 0) as cac,
    (sum(m.new_business_revenue_micros) / 1000000.0 * max(e.gross_margin) - sum(m.spend_micros) / 1000000.0)
        / nullif(sum(m.spend_micros) / 1000000.0, 0) as roi
from campaign_entities as e
left join campaign_month_sums as m on m.entity = e.entity
group by e.entity, e.platform, e.campaign_id, e.campaign, e.channel_group, e.channel
