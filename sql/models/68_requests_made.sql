-- Requests that a CRM's own records remember: the first and the latest form of a contact, and the creation of a lead whose
-- source is a form, a chat or a call. Only where the CRM's activities can say when they were answered, and where no
-- export of requests says it better.
-- Grain: one row per request.
-- key: record

create table requests_made (
    request integer primary key,               -- negative: beside requests_given.id
    record integer not null,                   -- crm_people.id
    source integer not null,
    request_id text not null,
    form text,
    requested_at text not null,
    outcome text
) strict;
-- replaced by record
create index requests_made_record on requests_made (record);

insert into requests_made
with asked as materialized (
    -- most CRMs have no activities: no record need be looked at then
    select 1 where exists (select 1 from crm_activities) and not exists (select 1 from requests_given)
),

records as (
    select
        p.id,
        p.source,
        p.object,
        p.record_id,
        p.created_at,
        p.first_form_at,
        p.recent_form_at,
        first_form.text as first_form,
        recent_form.text as recent_form,
        lead_source.text as lead_source,
        lead_status.text as lead_status
    from asked
    cross join crm_people as p
    left join texts as first_form on first_form.id = p.first_form
    left join texts as recent_form on recent_form.id = p.recent_form
    left join texts as lead_source on lead_source.id = p.lead_source
    left join texts as lead_status on lead_status.id = p.lead_status
    where
        p.id in (select id from touched_record)
        and coalesce(p.is_deleted, 0) = 0
        and exists (select 1 from crm_activities as a where a.source = p.source)
),

made as (
    select
        id,
        0 as n,
        source,
        record_id,
        coalesce(nullif(first_form, ''), lead_source) as form,
        case
            when length(first_form_at) > 10 then first_form_at
            when object = 'lead' and is_inbound_source(lead_source) then created_at
        end as moment,
        lead_status
    from records
    union all
    select id, 1, source, record_id, recent_form, recent_form_at, lead_status
    from records
    where length(recent_form_at) > 10 and length(first_form_at) > 10 and recent_form_at <> first_form_at
)

select -2 * id - n, id, source, record_id || iif(n, '/2', ''), form, moment, lead_status
from made
where length(moment) > 10;
