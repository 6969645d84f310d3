-- What each record of a person says of their beginning, in order of creation.
-- Grain: one row per record.
-- key: person

create table record_facts (
    record integer primary key,                -- crm_people.id
    person integer not null,
    n integer not null,                        -- 1 = the person's earliest record
    system text not null,
    created_at text,                           -- UTC
    created_day integer,                       -- local
    channel_group text not null,
    channel text not null,
    latest_channel text                        -- of the CRM's latest source; null where it names none
) strict;
create index record_facts_person on record_facts (person, n);

insert into record_facts
with records as (
    select
        r.record,
        r.person,
        s.system,
        utc_moment(p.created_at) as created_at,
        local_day(p.created_at) as created_day,
        channel_of(json_object(
            'system', s.system,
            'source', p.lead_source,
            'detail', json_array(p.source_detail_1, p.source_detail_2),
            'utm_source', p.utm_source,
            'utm_medium', p.utm_medium,
            'utm_campaign', p.utm_campaign,
            'campaign', p.campaign,
            'form', p.first_form,
            'landing_page', p.landing_page
        )) as origin,
        case
            when p.latest_source <> '' then channel_of(json_object('system', s.system, 'source', p.latest_source))
        end as latest,
        row_number() over (
            partition by r.person
            order by utc_moment(p.created_at) nulls last, s.system, s.account, p.object, p.record_id
        ) as n
    from person_records as r
    join crm_people as p on p.id = r.record
    join sources as s on s.id = p.source
    where r.person in (select id from touched_person)
)

select
    record,
    person,
    n,
    system,
    created_at,
    created_day,
    substr(origin, 1, instr(origin, '|') - 1),
    substr(origin, instr(origin, '|') + 1),
    substr(latest, instr(latest, '|') + 1)
from records;
