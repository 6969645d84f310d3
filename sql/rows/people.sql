-- People who entered a stage in the period
-- measures: contacts, leads, mqls, sqls, opportunities, won_people, icp_mqls, segmented_mqls
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
select
    e.entered_on as day,
    e.person_id as record,
    coalesce(e.email, e.company) as name,
    e.channel,
    1 as value
from stage_entries as e
where
    e.stage = case :measure
        when 'contacts' then 'contact'
        when 'leads' then 'lead'
        when 'mqls' then 'mql'
        when 'icp_mqls' then 'mql'
        when 'segmented_mqls' then 'mql'
        when 'sqls' then 'sql'
        when 'opportunities' then 'opportunity'
        else 'won'
    end
    and e.entered_on between :from and :to
    and (:measure <> 'icp_mqls' or e.icp = 1)
    and (:measure <> 'segmented_mqls' or e.icp is not null)
    and (:channel is null or :channel in (e.channel, e.channel_group))
order by e.entered_on, e.person_id
