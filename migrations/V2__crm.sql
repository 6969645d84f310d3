-- What CRM exports said, keyed by source, object and record id. Text: '' = said to be empty, null = never said.
-- Moments keep the form they were given in: `…Z` is an instant in UTC, without Z it is local time, ten characters a date.
-- In every record table `row_hash` is the hash of the record's cells as last folded.

-- Texts that many records say, each kept once; columns that refer to it hold its number. 0 is '', said to be empty.
create table texts (
    id integer primary key,
    text text not null unique
) strict;
insert into texts (id, text) values (0, '');

create table crm_people (
    -- what most exports say comes first: columns behind the last one that a record has take no space
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    object text not null,                      -- contact | lead
    record_id text not null,
    stage_trail blob,                          -- packed by the fold: dates of stages, and values that exports showed
    email text,                                -- as said; trimmed lower case is the join key
    created_at text,
    lifecycle_stage integer references texts,
    lead_status integer references texts,
    lead_source integer references texts,      -- first source as the CRM names it
    owner integer references texts,
    company text,
    first_name text,
    last_name text,
    country integer references texts,
    job_title integer references texts,
    source_detail_1 integer references texts,
    source_detail_2 integer references texts,
    latest_source integer references texts,
    company_id text,
    full_name text,
    industry integer references texts,
    employees integer,
    disqualified_reason integer references texts,
    additional_emails text,                    -- lists are separated by ;
    domain text,
    latest_source_at text,
    utm_source integer references texts,
    utm_medium integer references texts,
    utm_campaign integer references texts,
    landing_page text,
    self_reported_source text,
    first_form integer references texts,
    first_form_at text,
    recent_form integer references texts,
    recent_form_at text,
    campaign integer references texts,
    campaign_id text,
    is_converted integer,
    converted_on text,
    converted_contact_id text,
    converted_company_id text,
    converted_deal_id text,
    deal_ids text,
    merged_ids text,                           -- ids that live on in this record
    merged_into_id text,                       -- the id this record lives on in
    is_deleted integer,
    foreign_ids text,                          -- the same person's ids in other systems
    unique (source, object, record_id)
) strict;

create table crm_companies (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    record_id text not null,
    name text,
    domain text,
    additional_domains text,
    website text,
    industry text,
    country text,
    employees integer,
    annual_revenue_micros integer,
    company_type text,
    lifecycle_stage text,
    company_source text,
    owner text,
    currency text,
    created_at text,
    parent_id text,
    merged_ids text,
    merged_into_id text,
    is_deleted integer,
    stage_trail blob,                          -- packed by the fold: dates of stages, and values that exports showed
    unique (source, record_id)
) strict;
-- records that live on in another
create index crm_companies_merged on crm_companies (source, merged_into_id) where merged_into_id <> '';

create table crm_deals (
    -- what most exports say comes first: columns behind the last one that a record has take no space
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    record_id text not null,
    stage_trail blob,                          -- packed by the fold: dates of stages, and values that exports showed
    name text,
    pipeline integer references texts,
    stage integer references texts,
    amount_micros integer,
    currency text,
    created_at text,
    closed_at text,                            -- close date, expected while open
    owner integer references texts,
    deal_type integer references texts,
    status integer references texts,           -- as said: open, won, lost
    is_closed integer,
    is_won integer,
    company text,
    company_id text,
    contact_ids text,
    probability_millionths integer,            -- 0–1,000,000
    lead_source integer references texts,
    lost_reason integer references texts,
    primary_contact_id text,
    amount_company_micros integer,             -- in the CRM's own currency
    mrr_micros integer,
    arr_micros integer,
    tcv_micros integer,
    won_at text,
    lost_at text,
    stage_changed_at text,
    expected_close_on text,
    contact_name text,
    contact_email text,
    source_detail_1 integer references texts,
    source_detail_2 integer references texts,
    campaign integer references texts,
    campaign_id text,
    merged_ids text,
    merged_into_id text,
    is_deleted integer,
    foreign_ids text,                          -- ids of the same deal in other systems
    unique (source, record_id)
) strict;
-- records that name others of the same deal
create index crm_deals_linked on crm_deals (id) where merged_ids <> '' or merged_into_id <> '' or foreign_ids <> '';

-- The words by which exports name stages, for the trails of records: of a lifecycle, a lead status, a deal stage, or a funnel stage itself.
create table said_stages (
    id integer primary key,
    field text not null,                       -- lifecycle_stage | lead_status | deal_stage | stage (a funnel stage by name)
    value text not null,                       -- the stage as the system shows it
    pipeline text not null default '',
    unique (field, value, pipeline)
) strict;

-- One row per change of a tracked field, from field history exports.
create table crm_changes (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    object text not null,
    record_id text not null,
    field text not null,                       -- lifecycle_stage | lead_status | deal_stage | other names as said
    changed_at text not null,
    new_value text not null default '',        -- '' = the field was cleared
    old_value text,
    unique (source, object, record_id, field, changed_at, new_value)
) strict;

create table crm_deal_people (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    deal_id text not null,
    person_id text not null,
    role text,
    is_primary integer,
    is_deleted integer,
    unique (source, deal_id, person_id)
) strict;

create table crm_merges (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    merged_id text not null,
    surviving_id text not null,
    unique (source, merged_id)
) strict;

create table crm_campaigns (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    record_id text not null,
    name text,
    type text,
    status text,
    parent_id text,
    start_on text,
    end_on text,
    currency text,
    budget_micros integer,
    actual_cost_micros integer,
    created_at text,
    is_deleted integer,
    unique (source, record_id)
) strict;

create table crm_campaign_members (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    record_id text not null,
    campaign_id text,
    campaign text,
    lead_id text,
    contact_id text,
    email text,
    status text,
    has_responded integer,
    created_at text,
    first_responded_on text,
    is_deleted integer,
    unique (source, record_id)
) strict;

-- Calls, tasks, e-mails and events logged in a CRM.
create table crm_activities (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    record_id text not null,
    kind text,                                 -- task | event | call | email | note | form
    subject text,
    status text,
    outcome text,
    person_ids text,
    deal_ids text,
    email text,
    created_at text,
    occurred_at text,
    completed_at text,
    owner text,
    is_deleted integer,
    unique (source, record_id)
) strict;

-- Exchange rates: units of `currency` for one unit of `base`. A rate without a day holds always.
create table currency_rates (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    base text not null default '',             -- '' = the system's own (corporate) currency
    currency text not null,
    day text not null default '',
    rate_millionths integer,                   -- units of currency × 1,000,000 per unit of base
    rate text,                                 -- as said, all digits
    is_base integer,                           -- this currency is the system's own
    unique (source, base, currency, day)
) strict;
