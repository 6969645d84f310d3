-- Touches of people that other exports than their records tell of: campaign members, touches given, meetings, requests.
-- An address leads to a person by its hash; the record behind it is asked, because hashes of former addresses stay.
-- Grain: one row per touch and record of its person.
with members as (
    select
        m.*,
        coalesce(nullif(m.first_responded_on, ''), m.created_at) as moment,
        channel_of(json_object('campaign_type', c.type, 'campaign', coalesce(c.name, m.campaign))) as place,
        coalesce(c.name, nullif(m.campaign, '')) as name
    from crm_campaign_members as m
    left join crm_campaigns as c on c.source = m.source and c.record_id = m.campaign_id
    where coalesce(m.is_deleted, 0) = 0 and coalesce(m.has_responded, 1) = 1
),

addressed as (
    select
        m.email, m.moment, m.place, m.name as campaign,
        'campaign' as kind, 'campaign member' as evidence, 'crm_campaign_members' as origin, m.id
    from members as m
    where coalesce(m.contact_id, '') = '' and coalesce(m.lead_id, '') = ''
    union all
    select
        g.email, g.touched_at,
        coalesce(
            channel_group_of(channel_named(g.channel)) || '|' || channel_named(g.channel),
            channel_of(json_object(
                'source', coalesce(nullif(g.channel, ''), g.touch_source), 'utm_source', g.touch_source,
                'utm_medium', g.touch_medium, 'utm_campaign', g.campaign, 'campaign', g.campaign
            ))
        ),
        nullif(g.campaign, ''), coalesce(nullif(g.kind, ''), 'touch'), 'given', 'touches_given', g.id
    from touches_given as g
    union all
    select
        m.email, m.booked_at,
        channel_of(json_object('utm_source', m.utm_source, 'utm_medium', m.utm_medium, 'utm_campaign', m.utm_campaign)),
        nullif(m.utm_campaign, ''), 'meeting', 'meeting', 'meetings_given', m.id
    from meetings_given as m
    union all
    select
        q.email, q.requested_at,
        channel_of(json_object(
            'form', q.form, 'utm_source', q.utm_source, 'utm_medium', q.utm_medium, 'utm_campaign', q.utm_campaign
        )),
        nullif(q.utm_campaign, ''), 'request', 'request', 'requests_given', q.id
    from requests_given as q
),

final as (
    select coalesce(r.person, p.id) as person, m.moment, m.place, m.name as campaign, 'campaign' as kind, 'campaign member' as evidence,
        'crm_campaign_members' as origin, m.id
    from members as m
    join crm_people as p on p.source = m.source and p.object = iif(coalesce(m.contact_id, '') <> '', 'contact', 'lead')
        and p.record_id = coalesce(nullif(m.contact_id, ''), m.lead_id)
    left join person_records as r on r.record = p.id
    union all
    select coalesce(r.person, p.id), a.moment, a.place, a.campaign, a.kind, a.evidence, a.origin, a.id
    from addressed as a
    cross join identity_keys as k on k.key = mail_key(a.email)
    cross join crm_people as p on p.id = k.record and has_mail(p.email, p.additional_emails, a.email)
    left join person_records as r on r.record = p.id
)

select distinct person, moment, place, campaign, kind, evidence, origin, id
from final
where moment <> '' and person <> 0 and person in (select id from touched_person)
order by person, origin, id
