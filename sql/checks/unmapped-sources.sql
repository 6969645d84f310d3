-- Sources of people that no `[[channel]]` rule covers
-- These people are in the channel Unknown. Text that says nothing ("Offline sources") is
-- covered and not listed.
-- do: add rules to funnelite.toml; `funnelite check --fix-rules` writes them with guesses.
-- Grain: one row per system and source value.
with said as (
    select
        s.system,
        coalesce(p.lead_source, '') as source,
        p.source_detail_1 as detail_1,
        p.source_detail_2 as detail_2,
        coalesce(p.utm_source, '') as utm_source,
        p.utm_medium,
        p.utm_campaign,
        count(*) as records
    from crm_people as p
    inner join sources as s on p.source = s.id
    where
        coalesce(p.is_deleted, 0) = 0
        and (coalesce(p.lead_source, '') <> '' or coalesce(p.utm_source, '') <> '')
    group by
        s.system, p.lead_source, p.source_detail_1, p.source_detail_2,
        p.utm_source, p.utm_medium, p.utm_campaign
),

uncovered as (
    select
        system,
        case when source <> '' then 'source' else 'utm_source' end as key,
        case when source <> '' then source else utm_source end as value,
        records
    from said
    where
        not has_channel_rule(
            json_object(
                'system', system,
                'source', source,
                'detail', json_array(coalesce(detail_1, ''), coalesce(detail_2, '')),
                'utm_source', utm_source,
                'utm_medium', coalesce(utm_medium, ''),
                'utm_campaign', coalesce(utm_campaign, '')
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
order by sum(records) desc, subject
