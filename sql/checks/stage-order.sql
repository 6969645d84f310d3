-- People who entered a later stage before an earlier one
-- First entries as the systems say them; counting uses the earlier date of both.
-- do: correct the dates in the CRM, or map the stage differently in `[stages]`.
-- Grain: one row per person.
select
    person_id as subject,
    case
        when lead_on > mql_on then 'lead ' || lead_on || ' after MQL ' || mql_on
        when mql_on > sql_on then 'MQL ' || mql_on || ' after SQL ' || sql_on
        when sql_on > opportunity_on
            then 'SQL ' || sql_on || ' after opportunity ' || opportunity_on
        when opportunity_on > won_on
            then 'opportunity ' || opportunity_on || ' after won ' || won_on
        else 'contact ' || contact_on || ' after a later stage'
    end as finding,
    1 as records
from people
where
    lead_on > mql_on
    or mql_on > sql_on
    or sql_on > opportunity_on
    or opportunity_on > won_on
    or contact_on > lead_on
    or contact_on > mql_on
    or contact_on > sql_on
order by person_id
