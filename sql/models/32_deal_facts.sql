-- Deals with their dates, money in the reporting currency, and the channel of their first person.
-- Grain: one row per deal; the same deal in two systems is one, merged and deleted ones are absent.
-- key: deal

create table deal_facts (
    deal integer primary key,                  -- crm_deals.id
    source integer not null,
    system text not null,
    deal_id text not null,
    name text,
    company text,
    company_id text,
    customer_key text not null,                -- company, else first person, else the deal itself
    pipeline text,
    stage text,
    status text not null,                      -- open | won | lost
    deal_type text,
    is_new_business integer not null,
    amount_micros integer,                     -- null where 0 or unknown
    currency text,
    amount_reporting_micros integer,
    mrr_micros integer,
    mrr_reporting_micros integer,
    probability_millionths integer,
    created_on text,
    closed_on text,                            -- of won and lost deals only
    closed_day integer,
    opportunity_on text,
    opportunity_day integer,
    first_person integer,
    first_touch_on text,
    sales_cycle_days integer,                  -- of won deals only
    channel_group text not null,
    channel text not null,
    campaign text,
    owner text,
    lost_reason text,
    segments text
) strict;
-- samples and periods ask by day of closing
create index deal_facts_closed on deal_facts (closed_on);
-- a company's first won deal
create index deal_facts_customer on deal_facts (customer_key);
-- deals of a company that changed
create index deal_facts_company on deal_facts (source, company_id);

insert into deal_facts
with people as (
    select
        l.deal,
        l.person,
        f.channel_group || '|' || f.channel as place,
        o.campaign,
        f.first_touch_on,
        row_number() over (partition by l.deal order by o.created_at nulls last, o.person_id) as n,
        row_number() over (
            partition by l.deal order by f.channel = 'Unknown', o.created_at nulls last, o.person_id
        ) as n_known
    from deal_people as l
    join person_origins as o on o.person = l.person
    join person_firsts as f on f.person = l.person
    where l.deal in (select id from touched_deal)
),

associated as materialized (
    select
        deal,
        max(case when n = 1 then person end) as first_person,
        max(case when n_known = 1 then place end) as place,
        max(case when n_known = 1 then campaign end) as campaign,
        min(first_touch_on) as first_touch_on
    from people
    group by deal
),

said as materialized (
    select
        d.*,
        s.system,
        case
            when d.is_won = 1 then 'won'
            when d.is_closed = 1 and d.is_won = 0 then 'lost'
            when stage_of(s.system, 'deal_status', d.status, d.pipeline) in ('won', 'lost', 'open')
                then stage_of(s.system, 'deal_status', d.status, d.pipeline)
            when d.is_closed = 0 then 'open'
            when stage_of(s.system, 'deal_stage', d.stage, d.pipeline) in ('won', 'lost')
                then stage_of(s.system, 'deal_stage', d.stage, d.pipeline)
            when d.is_closed = 1 then 'lost'
            else 'open'
        end as outcome,
        coalesce(
            nullif(upper(trim(d.currency)), ''),
            (select r.currency from currency_rates as r where r.source = d.source and r.is_base = 1),
            reporting_currency(),
            ''
        ) as money,
        is_new_business(d.pipeline, d.deal_type) as is_new,
        local_date(d.created_at) as created_on
    from deal_records as k
    join crm_deals as d on d.id = k.record
    join sources as s on s.id = d.source
    where k.record = k.deal and k.deal in (select id from touched_deal)
),

dated as materialized (
    select
        s.*,
        case
            when s.outcome = 'open' then null
            when setting('deals.won_date') = 'stage' then coalesce(
                t.entered_on, local_date(iif(s.outcome = 'won', s.won_at, s.lost_at)), local_date(s.closed_at)
            )
            else coalesce(
                local_date(s.closed_at), local_date(iif(s.outcome = 'won', s.won_at, s.lost_at)), t.entered_on
            )
        end as closed_on,
        q.entered_on as qualified_on,
        nullif(s.amount_micros, 0) as amount,
        case setting('deals.amount')
            when 'arr' then coalesce(nullif(s.mrr_micros, 0), nullif(s.amount_micros, 0) / 12)
            when 'mrr' then coalesce(nullif(s.mrr_micros, 0), nullif(s.amount_micros, 0))
            else coalesce(nullif(s.mrr_micros, 0), nullif(s.arr_micros, 0) / 12)
        end as mrr
    from said as s
    left join deal_stages as t on t.deal = s.id and t.stage = s.outcome
    left join deal_stages as q on q.deal = s.id and q.stage = 'opportunity'
),

placed as materialized (
    select
        d.*,
        a.first_person,
        a.campaign as person_campaign,
        coalesce(
            a.place,
            channel_of(json_object(
                'system', d.system, 'source', d.lead_source,
                'detail', json_array(d.source_detail_1, d.source_detail_2), 'campaign', d.campaign
            ))
        ) as place,
        coalesce(a.first_touch_on, d.created_on) as first_touch_on,
        case
            when not d.is_new then null
            when not setting('stages.qualifying') then d.created_on
            else coalesce(d.qualified_on, iif(d.outcome = 'won', d.closed_on, null))
        end as opportunity_on,
        coalesce(
            c.company_key,
            (
                select n.company_key from company_facts as n
                where n.source = d.source and n.name_key = norm_name(d.company)
                group by n.source having count(*) = 1
            ),
            'n:' || d.source || ':' || norm_name(d.company),
            'p:' || a.first_person,
            'x:' || d.id
        ) as customer_key,
        coalesce(c.name, nullif(d.company, '')) as company_name,
        c.industry as company_industry,
        c.employees as company_employees,
        c.country as company_country,
        c.company_type,
        c.domain as company_domain
    from dated as d
    left join associated as a on a.deal = d.id
    left join company_facts as c on c.source = d.source and c.record_id = d.company_id
)

select
    id,
    source,
    system,
    record_id,
    name,
    company_name,
    nullif(company_id, ''),
    customer_key,
    nullif(pipeline, ''),
    nullif(stage, ''),
    outcome,
    nullif(deal_type, ''),
    is_new,
    amount,
    nullif(money, ''),
    case
        when money = '' then amount
        else to_reporting(amount, money, iif(outcome = 'open', created_on, coalesce(closed_on, created_on)))
    end,
    mrr,
    case
        when money = '' then mrr
        else to_reporting(mrr, money, iif(outcome = 'open', created_on, coalesce(closed_on, created_on)))
    end,
    probability_millionths,
    created_on,
    closed_on,
    day_number(closed_on),
    opportunity_on,
    day_number(opportunity_on),
    first_person,
    first_touch_on,
    case when outcome = 'won' then day_number(closed_on) - day_number(first_touch_on) end,
    substr(place, 1, instr(place, '|') - 1),
    substr(place, instr(place, '|') + 1),
    coalesce(person_campaign, nullif(campaign, '')),
    nullif(owner, ''),
    case when outcome = 'lost' then nullif(lost_reason, '') end,
    segments_of(company_industry, company_employees, company_country, null, company_type, company_domain)
from placed
where not coalesce(is_excluded(coalesce(company_domain, '')), 0);
