-- Recurring revenue, meetings, inbound requests, touches, targets and notes.

create table mrr_months (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    customer_id text not null,
    customer text,
    email text,
    currency text not null,
    month text not null,                       -- YYYY-MM-01
    mrr_micros integer,
    unique (source, customer_id, currency, month)
) strict;

create table subscriptions (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    subscription_id text not null,
    customer_id text,
    customer text,
    email text,
    status text,
    is_trial integer,
    started_at text,
    ended_at text,
    interval text,                             -- month | quarter | year | one-off, as said
    interval_count integer,
    quantity integer,
    amount_micros integer,                     -- per interval
    currency text,
    unique (source, subscription_id)
) strict;

create table invoices (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    invoice_id text not null,
    customer_id text,
    customer text,
    email text,
    subscription_id text,
    status text,
    invoiced_at text,
    paid_at text,
    period_start text,
    period_end text,
    amount_micros integer,
    currency text,
    unique (source, invoice_id)
) strict;

create table meetings_given (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    meeting_id text not null,
    email text,
    person_ids text,                           -- CRM record ids, where the export has no address
    name text,
    kind text,                                 -- meeting | webinar | event; null: meeting
    booked_at text,
    starts_at text,
    outcome text,                              -- as said
    is_cancelled integer,
    is_no_show integer,
    attended integer,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    unique (source, meeting_id)
) strict;

create table requests_given (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    request_id text not null,
    email text,
    person_ids text,
    form text,
    requested_at text,
    first_response_at text,
    response_seconds integer,
    outcome text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    unique (source, request_id)
) strict;

create table touches_given (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    email text not null,
    touched_at text not null,
    channel text not null default '',
    touch_source text not null default '',
    touch_medium text not null default '',
    campaign text not null default '',
    kind text not null default '',
    unique (source, email, touched_at, channel, touch_source, touch_medium, campaign, kind)
) strict;

create table targets_given (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    kpi text not null,
    period text not null,                      -- as written: 2026-01, 2026-Q1, 2026
    channel text not null default 'All',
    value_millionths integer,
    note text,
    unique (source, kpi, period, channel)
) strict;

create table notes_given (
    id integer primary key,
    source integer not null references sources (id),
    row_hash integer not null default 0,
    day text not null,
    channel text not null default '',
    text text not null,
    unique (source, day, channel, text)
) strict;
