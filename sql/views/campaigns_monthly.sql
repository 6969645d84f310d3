create view campaigns_monthly as
-- Campaigns by month: spend of the month, and stages entered and deals won in it by people whose first touch they are.
-- Spend is null where there is some, but none with an exchange rate.
-- Grain: one row per campaign and month.
select
    m.month,
    e.platform,
    e.campaign_id,
    e.campaign,
    e.channel_group,
    e.channel,
    m.spend_micros / 1000000.0 as spend,
    m.impressions as impressions,
    m.clicks as clicks,
    1.0 * m.clicks / nullif(m.impressions, 0) as ctr,
    m.ad_spend_micros / 1000000.0 / nullif(m.clicks, 0) as cpc,
    m.leads as leads,
    m.spend_micros / 1000000.0 / nullif(m.leads, 0) as cost_per_lead,
    m.mqls as mqls,
    m.spend_micros / 1000000.0 / nullif(m.mqls, 0) as cost_per_mql,
    m.opportunities as opportunities,
    m.spend_micros / 1000000.0 / nullif(m.opportunities, 0) as cost_per_opportunity,
    m.won_deals as won_deals,
    m.new_customers as new_customers,
    m.revenue_micros / 1000000.0 as revenue,
    m.new_business_revenue_micros / 1000000.0
        / nullif(m.new_business_deals_with_amount, 0) as average_deal_size,
    1.0 * m.sales_cycle_days / nullif(m.sales_cycles, 0) as average_sales_cycle_days,
    1.0 * m.new_business_deals / nullif(m.leads, 0) as lead_to_close_rate,
    m.spend_micros / 1000000.0 / nullif(m.new_customers, 0) as cac,
    (m.new_business_revenue_micros / 1000000.0 * e.gross_margin - m.spend_micros / 1000000.0)
        / nullif(m.spend_micros / 1000000.0, 0) as roi
from campaign_month_sums as m
join campaign_entities as e on e.entity = m.entity
where m.month <> ''
