-- Where people come from: their earliest record, and of each attribute the earliest record that has it.
-- Grain: one row per person.
-- key: person

create table person_origins (
    person integer primary key,
    person_id text not null,                   -- system:record id of the earliest record
    email text,
    company text,
    company_source integer,
    company_id text,
    created_at text,
    created_day integer,
    channel_group text not null,               -- by the CRM's sources alone
    channel text not null,
    latest_channel text,
    platform text,
    campaign text,
    self_reported_source text,
    country text,
    industry text,
    job_title text,
    domain text,
    employees integer,
    owner text,
    disqualified_reason text
) strict;

-- most people have one record
insert into person_origins
select
    f.person,
    f.system || ':' || p.record_id,
    nullif(lower(trim(p.email)), ''),
    nullif(p.company, ''),
    case when p.company_id <> '' then p.source end,
    nullif(p.company_id, ''),
    f.created_at,
    f.created_day,
    f.channel_group,
    f.channel,
    f.latest_channel,
    case
        when f.channel not like 'Paid %' and f.channel <> 'Display' then null
        else platform_of_site(coalesce(nullif(p.utm_source, ''), p.source_detail_1, ''))
    end,
    coalesce(
        nullif(p.utm_campaign, ''),
        nullif(p.campaign, ''),
        case f.channel
            when 'Paid search' then nullif(p.source_detail_1, '')
            when 'Paid social' then nullif(p.source_detail_2, '')
        end
    ),
    nullif(p.self_reported_source, ''),
    nullif(p.country, ''),
    nullif(p.industry, ''),
    nullif(p.job_title, ''),
    nullif(p.domain, ''),
    p.employees,
    nullif(p.owner, ''),
    nullif(p.disqualified_reason, '')
from record_facts as f
join crm_people as p on p.id = f.record
where
    f.person in (select id from touched_person)
    and not exists (select 1 from record_facts as o where o.person = f.person and o.n = 2);

insert into person_origins
with records as (
    select
        f.person,
        printf('%06d', f.n) as place,
        printf('%06d', 999999 - f.n) as last_place,
        f.n,
        f.system,
        f.created_at,
        f.created_day,
        f.channel_group,
        f.channel,
        f.latest_channel,
        lower(coalesce(nullif(p.utm_source, ''), p.source_detail_1, '')) as site,
        coalesce(
            nullif(p.utm_campaign, ''),
            nullif(p.campaign, ''),
            case f.channel
                when 'Paid search' then nullif(p.source_detail_1, '')
                when 'Paid social' then nullif(p.source_detail_2, '')
            end
        ) as campaign,
        p.record_id,
        p.email,
        p.company,
        p.source,
        p.company_id,
        p.self_reported_source,
        p.country,
        p.industry,
        p.job_title,
        p.domain,
        p.employees,
        p.owner,
        p.disqualified_reason
    from record_facts as f
    join crm_people as p on p.id = f.record
    where
        f.person in (select id from touched_person)
        and exists (select 1 from record_facts as o where o.person = f.person and o.n = 2)
),

firsts as (
    select
        person,
        max(case when n = 1 then system || ':' || record_id end) as person_id,
        min(case when email <> '' then place || lower(trim(email)) end) as email,
        min(case when company <> '' then place || company end) as company,
        min(case when company_id <> '' then place || source || ':' || company_id end) as company_ref,
        min(created_at) as created_at,
        min(created_day) as created_day,
        min(case when channel <> 'Unknown' then place || channel_group || '|' || channel end) as origin,
        min(case when latest_channel is not null then last_place || latest_channel end) as latest,
        min(case when channel <> 'Unknown' then place || site end) as site,
        min(case when campaign <> '' then place || campaign end) as campaign,
        min(case when self_reported_source <> '' then place || self_reported_source end) as self_reported,
        min(case when country <> '' then place || country end) as country,
        min(case when industry <> '' then place || industry end) as industry,
        min(case when job_title <> '' then place || job_title end) as job_title,
        min(case when domain <> '' then place || domain end) as domain,
        min(case when employees is not null then place || employees end) as employees,
        min(case when owner <> '' then place || owner end) as owner,
        min(case when disqualified_reason <> '' then place || disqualified_reason end) as reason
    from records
    group by person
)

select
    person,
    person_id,
    substr(email, 7),
    substr(company, 7),
    cast(substr(company_ref, 7, instr(company_ref, ':') - 7) as integer),
    substr(company_ref, instr(company_ref, ':') + 1),
    created_at,
    created_day,
    coalesce(substr(origin, 7, instr(origin, '|') - 7), 'Unknown'),
    coalesce(substr(origin, instr(origin, '|') + 1), 'Unknown'),
    substr(latest, 7),
    case
        when origin not like '%|Paid %' and origin not like '%|Display' then null
        else platform_of_site(substr(site, 7))
    end,
    substr(campaign, 7),
    substr(self_reported, 7),
    substr(country, 7),
    substr(industry, 7),
    substr(job_title, 7),
    substr(domain, 7),
    cast(substr(employees, 7) as integer),
    substr(owner, 7),
    substr(reason, 7)
from firsts;
