-- People who entered a later stage before an earlier one
-- First entries as the systems say them; counting uses the earlier date of both.
-- do: correct the dates in the CRM, or map the stage differently in `[stages]`.
-- Grain: one row per person.
with entered as (
    select
        coalesce(record, person) as record,
        created_day as contact_day,
        -- a stage without a day of its own has that of a later one
        case when (evidence & 7) not in (0, 2, 7) then lead_day end as lead_day,
        case when ((evidence >> 3) & 7) not in (0, 2, 7) then mql_day end as mql_day,
        case when ((evidence >> 6) & 7) not in (0, 2, 7) then sql_day end as sql_day,
        case when ((evidence >> 9) & 7) not in (0, 2, 7) then opportunity_day end as opportunity_day,
        case when ((evidence >> 12) & 7) not in (0, 2, 7) then won_day end as won_day
    from persons
    -- few: how each day is known is looked up for these alone
    where
        lead_day > mql_day
        or mql_day > sql_day
        or sql_day > opportunity_day
        or opportunity_day > won_day
        or created_day > lead_day
        or created_day > mql_day
        or created_day > sql_day
),

late as (
    select
        record,
        case
            when lead_day > mql_day then 'lead'
            when mql_day > sql_day then 'MQL'
            when sql_day > opportunity_day then 'SQL'
            when opportunity_day > won_day then 'opportunity'
            when contact_day > lead_day or contact_day > mql_day or contact_day > sql_day then 'contact'
        end as stage,
        date(contact_day * 86400, 'unixepoch') as contact_on,
        date(lead_day * 86400, 'unixepoch') as lead_on,
        date(mql_day * 86400, 'unixepoch') as mql_on,
        date(sql_day * 86400, 'unixepoch') as sql_on,
        date(opportunity_day * 86400, 'unixepoch') as opportunity_on,
        date(won_day * 86400, 'unixepoch') as won_on
    from entered
)

select
    s.system || ':' || r.record_id as subject,
    case l.stage
        when 'lead' then 'lead ' || l.lead_on || ' after MQL ' || l.mql_on
        when 'MQL' then 'MQL ' || l.mql_on || ' after SQL ' || l.sql_on
        when 'SQL' then 'SQL ' || l.sql_on || ' after opportunity ' || l.opportunity_on
        when 'opportunity' then 'opportunity ' || l.opportunity_on || ' after won ' || l.won_on
        else 'contact ' || l.contact_on || ' after a later stage'
    end as finding,
    1 as records
from late as l
inner join crm_people as r on l.record = r.id
inner join sources as s on r.source = s.id
where l.stage is not null
order by subject
