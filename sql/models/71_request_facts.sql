-- Inbound requests with their person and how long the first human response took, by the clock and in business hours. An
-- answer from before the request is a slip of somebody's: how long it took is not known.
-- Grain: one row per request.
-- key: request

create table request_facts (
    request integer primary key,               -- requests_given.id, or that of requests_made
    system text not null,
    request_id text not null,
    email text,
    email_key integer,                         -- hash of the address
    form text,
    person integer,
    channel integer,                           -- null: unknown
    requested_at text,                         -- UTC
    requested_on text,
    requested_day integer,                     -- the same, days since 1970-01-01
    first_response_at text,                    -- UTC
    response_seconds integer,
    business_seconds integer,
    outcome text,
    has_outcome integer not null,
    is_within_target integer not null,
    is_counted integer not null                -- a form that asks for sales, of someone who is not excluded
) strict;
create index request_facts_person on request_facts (person);
create index request_facts_email on request_facts (email_key);
create index request_facts_day on request_facts (requested_day);

insert into request_facts
with given as (
    select
        r.id as request,
        s.system,
        r.request_id,
        r.email,
        r.form,
        r.requested_at,
        r.first_response_at,
        r.response_seconds,
        r.outcome,
        coalesce(
            (
                select coalesce(l.person, q.id)
                from identity_keys as k
                cross join crm_people as q on q.id = k.record and has_mail(q.email, q.additional_emails, r.email)
                left join person_records as l on l.record = q.id
                where k.key = mail_key(r.email) and l.person is not 0
                limit 1
            ),
            (
                select min(coalesce(l.person, p.id))
                from json_each(id_list(coalesce(r.person_ids, ''))) as i
                join crm_people as p on p.source = r.source and p.object in ('contact', 'lead') and p.record_id = i.value
                left join person_records as l on l.record = p.id
                where l.person is not 0
            )
        ) as found_person
    from requests_given as r
    join sources as s on s.id = r.source
    where r.id in (select id from touched_request)
    union all
    select
        m.request, s.system, m.request_id, p.email, m.form, m.requested_at, null, null, m.outcome,
        coalesce(l.person, p.id)
    from requests_made as m
    join sources as s on s.id = m.source
    join crm_people as p on p.id = m.record
    left join person_records as l on l.record = m.record
    where m.request in (select id from touched_request) and l.person is not 0
),

-- What an export never said, the CRM's activities and its lead status may know; an empty cell says that there is none.
completed as (
    select
        g.*,
        utc_moment(g.requested_at) as asked_at,
        coalesce(
            g.first_response_at,
            case
                when g.response_seconds is null and length(g.requested_at) > 10 then (
                    select min(a.acted_at)
                    from crm_people as p
                    join activity_people as a on a.source = p.source and a.record_id = p.record_id
                    where
                        p.id in (
                            select g.found_person
                            union all
                            select l.record from person_records as l
                            where l.person = g.found_person
                        )
                        and a.acted_at >= utc_moment(g.requested_at)
                )
            end
        ) as response_at,
        coalesce(
            g.outcome,
            (
                select w.text
                from crm_people as p
                join texts as w on w.id = p.lead_status
                where
                    p.lead_status <> 0
                    and p.id in (
                        select g.found_person
                        union all
                        select l.record from person_records as l
                        where l.person = g.found_person
                    )
                order by p.object = 'lead' desc, p.created_at desc, p.record_id desc
                limit 1
            )
        ) as said_outcome
    from given as g
),

timed as (
    select
        *,
        utc_moment(response_at) as answered_at,
        length(requested_at) > 10 and length(response_at) > 10 as has_times,
        replace(lower(trim(coalesce(said_outcome, ''))), '_', ' ') as said
    from completed
),

answered as (
    select
        *,
        coalesce(
            response_seconds, iif(has_times and answered_at >= asked_at, unixepoch(answered_at) - unixepoch(asked_at), null)
        ) as seconds
    from timed
)

select
    a.request,
    a.system,
    a.request_id,
    coalesce(nullif(a.email, ''), iif(t.person is null, nullif(lower(trim(r.email)), ''), t.email)),
    mail_key(a.email),
    nullif(a.form, ''),
    p.person,
    p.channel,
    a.asked_at,
    local_date(a.requested_at),
    day_number(local_date(a.requested_at)),
    a.answered_at,
    a.seconds,
    business_seconds(
        a.requested_at,
        coalesce(iif(a.has_times and a.seconds is not null, a.response_at, null), datetime(a.asked_at, '+' || a.seconds || ' seconds') || 'Z')
    ),
    nullif(a.said_outcome, ''),
    a.said not in ('', 'new', 'open', 'not contacted', 'neu', 'offen', 'nuevo', 'abierto', 'nouveau', 'ouvert', 'yeni', 'açık')
        and a.said not like 'attempt%' and a.said not like 'open -%',
    coalesce(a.seconds <= setting('inbound.target_minutes') * 60, 0),
    not coalesce(is_excluded(coalesce(a.email, '')), 0) and is_inbound_form(a.form)
from answered as a
left join persons as p on p.person = a.found_person
left join crm_people as r on r.id = coalesce(p.record, p.person)
left join person_texts as t on t.person = p.person;
