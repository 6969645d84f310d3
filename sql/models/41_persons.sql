-- People with their channel, first and last touch, and the stages they reached. A stage without a date of its own is
-- reached at the earliest date of the later ones; one without any is reached at an unknown date (day null).
-- Grain: one row per person.
-- key: person

create table persons (
    person integer primary key,
    person_id text not null,
    email text,
    company text,
    company_source integer,
    company_id text,
    created_on text,
    created_day integer,
    first_touch_on text,
    channel_group text not null,
    channel text not null,
    platform text,
    campaign text,
    last_touch_channel text,
    self_reported_source text,
    country text,
    industry text,
    owner text,
    segments text,
    is_icp integer,                            -- null where no such segment is described
    disqualified_on text,
    disqualified_reason text,
    lead_on text,
    mql_on text,
    sql_on text,
    opportunity_on text,
    won_on text,
    reached integer not null,                  -- 0 contact, 1 lead, 2 mql, 3 sql, 4 opportunity, 5 won
    contact_day integer,
    lead_day integer,
    mql_day integer,
    sql_day integer,
    opportunity_day integer,
    won_day integer
) strict;
-- the median time to win of the last year, and attendance before the win
create index persons_won on persons (won_day) where won_day is not null;
-- people of a company
create index persons_company on persons (company_source, company_id);

insert into persons
with stages as (
    select
        person,
        max(case stage when 'lead' then entered_on end) as lead_on,
        max(case stage when 'mql' then entered_on end) as mql_on,
        max(case stage when 'sql' then entered_on end) as sql_on,
        max(case stage when 'opportunity' then entered_on end) as opportunity_on,
        max(case stage when 'won' then entered_on end) as won_on,
        max(case stage when 'disqualified' then entered_on end) as disqualified_on,
        max(case stage
            when 'lead' then 1 when 'mql' then 2 when 'sql' then 3 when 'opportunity' then 4 when 'won' then 5 else 0
        end) as reached
    from stage_events
    where person in (select id from touched_person)
    group by person
),

final as (
    select
        o.*,
        f.channel_group as first_group,
        f.channel as first_channel,
        f.first_touch_on,
        coalesce(f.last_dated_channel, o.latest_channel, f.channel) as last_touch_channel,
        s.lead_on,
        s.mql_on,
        s.sql_on,
        s.opportunity_on,
        s.won_on,
        s.disqualified_on,
        coalesce(s.reached, 0) as reached,
        coalesce(c.industry, o.industry) as company_industry,
        coalesce(c.employees, o.employees) as company_employees,
        coalesce(c.country, o.country) as company_country,
        c.company_type,
        coalesce(c.domain, norm_domain(o.domain)) as company_domain
    from person_origins as o
    join person_firsts as f on f.person = o.person
    left join stages as s on s.person = o.person
    left join company_facts as c on c.source = o.company_source and c.record_id = o.company_id
    where o.person in (select id from touched_person)
)

select
    person,
    person_id,
    email,
    company,
    company_source,
    company_id,
    date_of(created_day),
    created_day,
    first_touch_on,
    first_group,
    first_channel,
    platform,
    campaign,
    last_touch_channel,
    self_reported_source,
    country,
    industry,
    owner,
    segments_of(
        coalesce(industry, company_industry), company_employees, coalesce(country, company_country),
        job_title, company_type, company_domain
    ),
    case
        when setting('segments.icp') then segments_of(
            coalesce(industry, company_industry), company_employees, coalesce(country, company_country),
            job_title, company_type, company_domain
        ) like '%;icp;%'
    end,
    disqualified_on,
    disqualified_reason,
    lead_on,
    mql_on,
    sql_on,
    opportunity_on,
    won_on,
    reached,
    coalesce(
        created_day,
        day_number(nullif(min(
            coalesce(lead_on, '9999'), coalesce(mql_on, '9999'), coalesce(sql_on, '9999'),
            coalesce(opportunity_on, '9999'), coalesce(won_on, '9999')
        ), '9999'))
    ),
    coalesce(
        day_number(lead_on),
        day_number(nullif(min(
            coalesce(mql_on, '9999'), coalesce(sql_on, '9999'), coalesce(opportunity_on, '9999'), coalesce(won_on, '9999')
        ), '9999'))
    ),
    coalesce(
        day_number(mql_on),
        day_number(nullif(min(coalesce(sql_on, '9999'), coalesce(opportunity_on, '9999'), coalesce(won_on, '9999')), '9999'))
    ),
    coalesce(
        day_number(sql_on), day_number(nullif(min(coalesce(opportunity_on, '9999'), coalesce(won_on, '9999')), '9999'))
    ),
    coalesce(day_number(opportunity_on), day_number(won_on)),
    day_number(won_on)
from final;
