-- Meetings with their person, and whether they count as a prospect's: a customer's meeting does not.
-- Grain: one row per meeting.
-- key: meeting

create table meeting_facts (
    meeting integer primary key,               -- meetings_given.id, or that of activity_meetings
    system text not null,
    meeting_id text not null,
    email text,
    email_key integer,                         -- hash of the address
    name text,
    person integer,
    channel integer,                           -- null: unknown
    booked_on text,
    starts_on text,
    starts_day integer,                        -- the same, days since 1970-01-01
    outcome text not null,                     -- held | no_show | cancelled | scheduled | unknown
    is_prospect integer not null,
    is_opportunity_after integer not null      -- its person became an opportunity at or after it
) strict;
create index meeting_facts_person on meeting_facts (person);
create index meeting_facts_email on meeting_facts (email_key);
create index meeting_facts_starts on meeting_facts (starts_day);

insert into meeting_facts
with given as (
    select
        id as meeting, source, meeting_id, email, name, booked_at, starts_at, outcome, is_cancelled, is_no_show, attended
    from meetings_given
    where id in (select id from touched_meeting)
    union all
    select
        e.meeting, a.source, a.record_id, a.email, a.subject, a.created_at, a.occurred_at,
        coalesce(nullif(a.outcome, ''), a.status), 0, 0, null
    from activity_meetings as e
    join crm_activities as a on a.id = e.activity
    where e.meeting in (select id from touched_meeting)
),

found as (
    select
        m.*,
        s.system,
        coalesce(
            (
                select coalesce(r.person, q.id)
                from identity_keys as k
                cross join crm_people as q on q.id = k.record and has_mail(q.email, q.additional_emails, m.email)
                left join person_records as r on r.record = q.id
                where k.key = mail_key(m.email) and r.person is not 0
                limit 1
            ),
            (
                select min(coalesce(r.person, p.id))
                from meeting_people as l
                join crm_people as p on p.source = l.source and p.object in ('contact', 'lead') and p.record_id = l.record_id
                left join person_records as r on r.record = p.id
                where l.meeting = m.meeting and r.person is not 0
            )
        ) as found_person,
        local_date(m.booked_at) as booked_on,
        local_date(m.starts_at) as starts_on,
        replace(replace(lower(trim(coalesce(m.outcome, ''))), '_', ' '), '-', ' ') as said
    from given as m
    join sources as s on s.id = m.source
)

select
    f.meeting,
    f.system,
    f.meeting_id,
    coalesce(nullif(f.email, ''), iif(t.person is null, nullif(lower(trim(r.email)), ''), t.email)),
    mail_key(f.email),
    f.name,
    p.person,
    p.channel,
    f.booked_on,
    f.starts_on,
    day_number(f.starts_on),
    case
        when f.is_cancelled or f.said in ('cancelled', 'canceled', 'rescheduled', 'declined') then 'cancelled'
        when f.is_no_show or f.said in ('no show', 'noshow', 'missed', 'did not attend', 'absent') then 'no_show'
        when f.said in ('held', 'completed', 'complete', 'attended', 'done', 'took place', 'show', 'showed') then 'held'
        when f.attended = 1 then 'held'
        when f.attended = 0 then 'no_show'
        when f.said in ('scheduled', 'booked', 'planned', 'confirmed', 'pending', 'active', 'upcoming') then 'scheduled'
        else 'unknown'
    end,
    not coalesce(is_excluded(coalesce(f.email, '')), 0)
        and coalesce(p.won_day >= day_number(coalesce(f.booked_on, f.starts_on)), 1),
    coalesce(p.opportunity_day >= day_number(f.starts_on), 0)
from found as f
left join persons as p on p.person = f.found_person
left join crm_people as r on r.id = coalesce(p.record, p.person)
left join person_texts as t on t.person = p.person;
