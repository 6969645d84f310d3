-- Sources of people that no `[[channel]]` rule covers
-- These people are in the channel Unknown. Text that says nothing ("Offline sources") is
-- covered and not listed.
-- do: add rules to funnelite.toml; `funnelite check --fix-rules` writes them with guesses.
-- Grain: one row per system and source value.
with origins as (
    select distinct source, coalesce(lead_source, 0) as lead_source, coalesce(utm_source, 0) as utm_source
    from crm_people
    where lead_source <> 0 or utm_source <> 0
),

-- where a rule covers the source alone, which is most of them, nothing else need be read
doubtful as materialized (
    select o.source, o.lead_source, o.utm_source
    from origins as o
    inner join sources as s on o.source = s.id
    inner join texts as source on o.lead_source = source.id
    inner join texts as utm_source on o.utm_source = utm_source.id
    where
        not has_channel_rule(
            json_object('system', s.system, 'source', source.text, 'utm_source', utm_source.text)
        )
),

alike as (
    select
        p.source,
        p.lead_source,
        p.source_detail_1,
        p.source_detail_2,
        p.utm_source,
        p.utm_medium,
        p.utm_campaign,
        p.campaign,
        p.first_form,
        p.landing_page,
        count(*) as records
    from crm_people as p
    left join person_records as r on p.id = r.record
    where
        (p.source, coalesce(p.lead_source, 0), coalesce(p.utm_source, 0)) in doubtful
        -- a record of nobody is deleted or left out
        and r.person is not 0
    group by
        p.source, p.lead_source, p.source_detail_1, p.source_detail_2, p.utm_source, p.utm_medium,
        p.utm_campaign, p.campaign, p.first_form, p.landing_page
),

uncovered as (
    select
        s.system,
        case when p.lead_source <> 0 then 'source' else 'utm_source' end as key,
        case when p.lead_source <> 0 then source.text else utm_source.text end as value,
        p.records
    from alike as p
    inner join sources as s on p.source = s.id
    left join texts as source on p.lead_source = source.id
    left join texts as detail_1 on p.source_detail_1 = detail_1.id
    left join texts as detail_2 on p.source_detail_2 = detail_2.id
    left join texts as utm_source on p.utm_source = utm_source.id
    left join texts as utm_medium on p.utm_medium = utm_medium.id
    left join texts as utm_campaign on p.utm_campaign = utm_campaign.id
    left join texts as campaign on p.campaign = campaign.id
    left join texts as form on p.first_form = form.id
    where
        not has_channel_rule(
            json_object(
                'system', s.system,
                'source', source.text,
                'detail', json_array(detail_1.text, detail_2.text),
                'utm_source', utm_source.text,
                'utm_medium', utm_medium.text,
                'utm_campaign', utm_campaign.text,
                'campaign', campaign.text,
                'form', form.text,
                'landing_page', p.landing_page
            )
        )
)

select
    system || ': ' || key || ' "' || value || '"' as subject,
    sum(records) || ' records of ' || system || ' have the ' || key || ' "' || value || '"'
        as finding,
    sum(records) as records,
    key,
    value
from uncovered
group by system, key, value
order by records desc, subject
