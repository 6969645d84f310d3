-- Sources of people that no `[[channel]]` rule covers
-- These people are in the channel Unknown. Text that says nothing ("Offline sources") is
-- covered and not listed.
-- do: add rules to funnelite.toml; `funnelite check --fix-rules` writes them with guesses.
-- Grain: one row per system and source value.
with uncovered as (
    select
        s.system,
        case when p.lead_source <> 0 then 'source' else 'utm_source' end as key,
        case when p.lead_source <> 0 then source.text else utm_source.text end as value
    from crm_people as p
    left join person_records as r on p.id = r.record
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
        -- a record of nobody is deleted or left out
        r.person is not 0
        and (p.lead_source <> 0 or p.utm_source <> 0)
        and not has_channel_rule(
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
    count(*) || ' records of ' || system || ' have the ' || key || ' "' || value || '"'
        as finding,
    count(*) as records,
    key,
    value
from uncovered
group by system, key, value
order by records desc, subject
