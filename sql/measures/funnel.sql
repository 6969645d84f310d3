-- People by the day they entered a stage, and by the day they were created.
-- key: person

with people as (
    select * from persons where person in (select id from touched_person)
)

select 'contacts' as measure, contact_day as day, channel_group, channel, 1 as value, 0 as incomplete
from people
union all
select 'leads', lead_day, channel_group, channel, 1, 0 from people where lead_day is not null
union all
select 'mqls', mql_day, channel_group, channel, 1, 0 from people where mql_day is not null
union all
select 'sqls', sql_day, channel_group, channel, 1, 0 from people where sql_day is not null
union all
select 'opportunities', opportunity_day, channel_group, channel, 1, 0 from people where opportunity_day is not null
union all
select 'won_people', won_day, channel_group, channel, 1, 0 from people where won_day is not null
union all
select 'cohort_contacts', created_day, channel_group, channel, 1, 0 from people where created_day is not null
union all
select 'cohort_leads', created_day, channel_group, channel, 1, 0 from people where reached >= 1
union all
select 'cohort_mqls', created_day, channel_group, channel, 1, 0 from people where reached >= 2
union all
select 'cohort_sqls', created_day, channel_group, channel, 1, 0 from people where reached >= 3
union all
select 'cohort_opportunities', created_day, channel_group, channel, 1, 0 from people where reached >= 4
union all
select 'cohort_won', created_day, channel_group, channel, 1, 0 from people where reached >= 5
union all
select 'self_reported_people', created_day, channel_group, channel, 1, 0 from people
where self_reported_source is not null
union all
select 'icp_mqls', mql_day, channel_group, channel, is_icp, 0 from people
where is_icp is not null and mql_day is not null;
