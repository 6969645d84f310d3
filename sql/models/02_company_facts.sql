-- Companies of the CRMs; those of one domain are one company, whatever the system.
-- Grain: one row per company record.
-- key: company_record
-- column: record

create table company_facts (
    record integer primary key,                -- crm_companies.id
    reference integer not null unique,         -- hash of source and record id, by which people and deals name it
    source integer not null,
    customer integer not null,                 -- hash of the key below
    company_key text not null,                 -- d:domain, else c:source:record id
    name text,
    name_key text,
    domain text,
    industry text,
    country text,
    employees integer,
    company_type text
) strict;
-- records of one company
create index company_facts_key on company_facts (customer);
-- deals that name a company without its id
create index company_facts_name on company_facts (source, name_key);

insert into company_facts
with keyed as (
    select
        c.*,
        coalesce(
            'd:' || coalesce(norm_domain(m.domain), norm_domain(m.website)),
            'd:' || coalesce(norm_domain(c.domain), norm_domain(c.website)),
            'c:' || c.source || ':' || coalesce(m.record_id, c.record_id)
        ) as company_key
    from crm_companies as c
    left join crm_companies as m
        on c.merged_into_id <> '' and m.source = c.source and m.record_id = c.merged_into_id
    where c.id in (select id from touched_company_record)
)

select
    c.id,
    reference_key(c.source, c.record_id),
    c.source,
    text_key(c.company_key),
    c.company_key,
    nullif(c.name, ''),
    norm_name(c.name),
    coalesce(norm_domain(c.domain), norm_domain(c.website)),
    nullif(c.industry, ''),
    nullif(c.country, ''),
    c.employees,
    nullif(c.company_type, '')
from keyed as c;
