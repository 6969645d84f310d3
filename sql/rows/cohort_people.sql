-- People created in the period who ever reached a stage
-- measures: cohort_contacts, cohort_leads, cohort_mqls, cohort_sqls, cohort_opportunities, cohort_won
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    e.created_on as day,
    e.person_id as record,
    coalesce(e.email, e.company) as name,
    e.channel,
    1 as value
from stage_entries as e
where
    e.stage = case :measure
        when 'cohort_contacts' then 'contact'
        when 'cohort_leads' then 'lead'
        when 'cohort_mqls' then 'mql'
        when 'cohort_sqls' then 'sql'
        when 'cohort_opportunities' then 'opportunity'
        else 'won'
    end
    and e.created_on between :from and :to
    and (:channel is null or :channel in (e.channel, e.channel_group))
order by e.created_on, e.person_id
