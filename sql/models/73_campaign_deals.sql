-- Won deals that name a campaign.
-- Grain: one row per won deal with a campaign.
-- key: deal

create table campaign_deals (
    deal integer primary key,
    campaign_key text not null,
    campaign text not null,
    platform text not null,
    channel_group text not null,
    channel text not null,
    customer_key text not null,
    month text not null,                       -- of winning it
    is_new_business integer not null,
    amount_micros integer,                     -- in the reporting currency
    sales_cycle_days integer
) strict;
-- the deals of a campaign, and of a customer
create index campaign_deals_campaign on campaign_deals (campaign_key);
create index campaign_deals_customer on campaign_deals (customer_key);

insert into campaign_deals
select
    d.deal,
    norm_name(d.campaign),
    d.campaign,
    coalesce(p.platform, ''),
    d.channel_group,
    d.channel,
    d.customer_key,
    substr(d.closed_on, 1, 7) || '-01',
    d.is_new_business,
    d.amount_reporting_micros,
    d.sales_cycle_days
from deal_facts as d
left join person_origins as p on p.person = d.first_person
where
    d.deal in (select id from touched_deal)
    and d.status = 'won' and d.closed_on is not null and norm_name(d.campaign) is not null;
