-- Deals with their dates, money in the reporting currency, and the channel of their first person. Texts stay in the
-- record. Days are since 1970-01-01.
-- What few say comes last, because columns behind the last one that a row has take no space.
-- Grain: one row per deal; the same deal in two systems is one, merged and deleted ones are absent.
-- key: crm

create table deal_facts (
    deal integer primary key,                  -- crm_deals.id
    source integer not null,
    status text not null,                      -- open | won | lost
    is_new_business integer not null,
    channel integer not null,
    customer integer not null,                 -- hash of the company, below 0; else 2 × first person + 1; else 2 × deal
    created_day integer,
    pipeline integer,                          -- words.id
    stage integer,                             -- words.id
    amount_reporting_micros integer,           -- null where the amount is 0 or unknown, or no rate is
    opportunity_day integer,
    closed_day integer,                        -- of won and lost deals only
    sales_cycle_days integer,                  -- of won deals only
    first_person integer,
    first_touch_day integer,                   -- null where it is the day of creation
    probability_millionths integer,            -- of open deals
    origin integer,                            -- its campaign, and the ad platform of its first person
    company integer,                           -- company_facts.record
    currency text,                             -- where the record says none
    mrr_micros integer,
    mrr_reporting_micros integer,
    segments text
) strict;
-- periods ask by day of closing; what reads all that is closed, such as samples, reads nothing else
create index deal_facts_closed on deal_facts (
    closed_day, status, is_new_business, channel, customer, sales_cycle_days
) where closed_day is not null;
-- whether deals ended on an unknown day, and whether some have no money: checks ask it below every scorecard
create index deal_facts_undated on deal_facts (deal) where closed_day is null and status <> 'open';
create index deal_facts_unpriced on deal_facts (deal) where amount_reporting_micros is null;
-- deals with recurring revenue
create index deal_facts_recurring on deal_facts (deal) where mrr_micros is not null;
-- a customer's first won deal, and all deals of a company
create index deal_facts_customer on deal_facts (customer) where status = 'won' or customer < 0;
-- deals of a company record that changed
create index deal_facts_company on deal_facts (company) where company is not null;
