-- Sources of people that no `[[channel]]` rule covers
-- These people are in the channel Unknown. Text that says nothing ("Offline sources") is
-- covered and not listed.
-- do: add rules to funnelite.toml; `funnelite check --fix-rules` writes them with guesses.
-- Grain: one row per system and source value.
with uncovered as (
    select
        s.system,
        case when p.lead_source <> '' then 'source' else 'utm_source' end as key,
        case when p.lead_source <> '' then p.lead_source else p.utm_source end as value
    from person_records as r
    inner join crm_people as p on r.record = p.id
    inner join sources as s on p.source = s.id
    where
        (p.lead_source <> '' or p.utm_source <> '')
        and not has_channel_rule(
            json_object(
                'system', s.system,
                'source', p.lead_source,
                'detail', json_array(p.source_detail_1, p.source_detail_2),
                'utm_source', p.utm_source,
                'utm_medium', p.utm_medium,
                'utm_campaign', p.utm_campaign,
                'campaign', p.campaign,
                'form', p.first_form,
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
