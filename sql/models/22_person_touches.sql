-- Dated contacts of a person with the company: forms, campaigns, meetings, requests, touches given, latest sources.
-- A record's creation is a touch only where nothing precedes it.
-- Grain: one row per touch.
-- key: person

create table person_touches (
    person integer not null,
    touched_at text not null,                  -- UTC
    touched_on text not null,                  -- local
    touched_day integer not null,
    channel_group text not null,
    channel text not null,
    campaign text,
    is_inherited integer not null,             -- says no channel of its own; the person's stands in
    kind text not null,                        -- created | form | visit | campaign | meeting | request | or as given
    evidence text not null,
    origin text not null,                      -- record table
    origin_id integer not null
) strict;
create index person_touches_person on person_touches (person, touched_at);
-- rows that moved from one person to another
create index person_touches_origin on person_touches (origin, origin_id);

insert into person_touches
with told as (
    select f.person, p.first_form_at as moment, f.channel_group || '|' || f.channel as place, p.first_form as form,
        null as campaign, 'form' as kind, 'first form' as evidence, 'crm_people' as origin, p.id as origin_id
    from record_facts as f
    join crm_people as p on p.id = f.record
    where f.person in (select id from touched_person) and p.first_form_at <> ''
    union all
    select f.person, p.recent_form_at, channel_of(json_object('form', p.recent_form)), p.recent_form,
        null, 'form', 'recent form', 'crm_people', p.id
    from record_facts as f
    join crm_people as p on p.id = f.record
    where
        f.person in (select id from touched_person)
        and p.recent_form_at <> '' and p.recent_form_at is not p.first_form_at
    union all
    select f.person, p.latest_source_at, channel_of(json_object('system', f.system, 'source', p.latest_source)), null,
        null, 'visit', 'latest source', 'crm_people', p.id
    from record_facts as f
    join crm_people as p on p.id = f.record
    where f.person in (select id from touched_person) and p.latest_source_at <> '' and p.latest_source <> ''
    union all
    select r.person, coalesce(nullif(m.first_responded_on, ''), m.created_at),
        channel_of(json_object('campaign_type', c.type, 'campaign', coalesce(c.name, m.campaign))), null,
        coalesce(c.name, nullif(m.campaign, '')), 'campaign', 'campaign member', 'crm_campaign_members', m.id
    from crm_campaign_members as m
    join crm_people as p on p.source = m.source and p.object = iif(coalesce(m.contact_id, '') <> '', 'contact', 'lead')
        and p.record_id = coalesce(nullif(m.contact_id, ''), m.lead_id)
    join person_records as r on r.record = p.id
    left join crm_campaigns as c on c.source = m.source and c.record_id = m.campaign_id
    where
        r.person in (select id from touched_person)
        and coalesce(m.is_deleted, 0) = 0 and coalesce(m.has_responded, 1) = 1
    union all
    select e.person, coalesce(nullif(m.first_responded_on, ''), m.created_at),
        channel_of(json_object('campaign_type', c.type, 'campaign', coalesce(c.name, m.campaign))), null,
        coalesce(c.name, nullif(m.campaign, '')), 'campaign', 'campaign member', 'crm_campaign_members', m.id
    from crm_campaign_members as m
    join person_emails as e on e.email = norm_email(m.email)
    left join crm_campaigns as c on c.source = m.source and c.record_id = m.campaign_id
    where
        e.person in (select id from touched_person)
        and coalesce(m.contact_id, '') = '' and coalesce(m.lead_id, '') = ''
        and coalesce(m.is_deleted, 0) = 0 and coalesce(m.has_responded, 1) = 1
    union all
    select e.person, g.touched_at,
        coalesce(
            channel_group_of(channel_named(g.channel)) || '|' || channel_named(g.channel),
            channel_of(json_object(
                'source', coalesce(nullif(g.channel, ''), g.touch_source), 'utm_source', g.touch_source,
                'utm_medium', g.touch_medium, 'utm_campaign', g.campaign, 'campaign', g.campaign
            ))
        ), null,
        nullif(g.campaign, ''), coalesce(nullif(g.kind, ''), 'touch'), 'given', 'touches_given', g.id
    from touches_given as g
    join person_emails as e on e.email = norm_email(g.email)
    where e.person in (select id from touched_person)
    union all
    select e.person, m.booked_at,
        channel_of(json_object('utm_source', m.utm_source, 'utm_medium', m.utm_medium, 'utm_campaign', m.utm_campaign)),
        null, nullif(m.utm_campaign, ''), 'meeting', 'meeting', 'meetings_given', m.id
    from meetings_given as m
    join person_emails as e on e.email = norm_email(m.email)
    where e.person in (select id from touched_person)
    union all
    select e.person, q.requested_at,
        channel_of(json_object(
            'form', q.form, 'utm_source', q.utm_source, 'utm_medium', q.utm_medium, 'utm_campaign', q.utm_campaign
        )), q.form,
        nullif(q.utm_campaign, ''), 'request', 'request', 'requests_given', q.id
    from requests_given as q
    join person_emails as e on e.email = norm_email(q.email)
    where e.person in (select id from touched_person)
),

placed as materialized (
    select
        t.person,
        utc_moment(t.moment) as touched_at,
        t.moment,
        case when t.place = 'Unknown|Unknown' then o.channel_group || '|' || o.channel else t.place end as place,
        t.place = 'Unknown|Unknown' as is_inherited,
        t.campaign,
        t.kind,
        t.evidence,
        t.origin,
        t.origin_id
    from told as t
    join person_origins as o on o.person = t.person
)

select
    person,
    touched_at,
    local_date(moment),
    local_day(moment),
    substr(place, 1, instr(place, '|') - 1),
    substr(place, instr(place, '|') + 1),
    campaign,
    is_inherited,
    kind,
    evidence,
    origin,
    origin_id
from placed
where touched_at is not null;

insert into person_touches
select
    o.person,
    o.created_at,
    date_of(o.created_day),
    o.created_day,
    o.channel_group,
    o.channel,
    o.campaign,
    0,
    'created',
    'record',
    'crm_people',
    o.person
from person_origins as o
where
    o.person in (select id from touched_person)
    and o.created_at is not null
    and not exists (select 1 from person_touches as t where t.person = o.person and t.touched_at < o.created_at);
