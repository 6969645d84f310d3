-- Companies of the CRMs; those of one domain are one company, whatever the system.
-- Grain: one row per company record.
-- key: company_record
-- column: record

create table company_facts (
    record integer primary key,                -- crm_companies.id
    source integer not null,
    record_id text not null,
    company_key text not null,                 -- d:domain, else c:source:record id
    name text,
    name_key text,
    domain text,
    industry text,
    country text,
    employees integer,
    company_type text,
    unique (source, record_id)
) strict;
-- records of one company
create index company_facts_key on company_facts (company_key);
-- deals that name a company without its id
create index company_facts_name on company_facts (source, name_key);

insert into company_facts
select
    c.id,
    c.source,
    c.record_id,
    coalesce(
        'd:' || coalesce(norm_domain(m.domain), norm_domain(m.website)),
        'd:' || coalesce(norm_domain(c.domain), norm_domain(c.website)),
        'c:' || c.source || ':' || coalesce(m.record_id, c.record_id)
    ),
    nullif(c.name, ''),
    norm_name(c.name),
    coalesce(norm_domain(c.domain), norm_domain(c.website)),
    nullif(c.industry, ''),
    nullif(c.country, ''),
    c.employees,
    nullif(c.company_type, '')
from crm_companies as c
left join crm_companies as m on c.merged_into_id <> '' and m.source = c.source and m.record_id = c.merged_into_id
where c.id in (select id from touched_company_record);
