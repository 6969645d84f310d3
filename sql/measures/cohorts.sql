-- People by the month they were created and the months it took them to reach a stage: `cohort_opportunity@3` counts
-- those who became opportunities in the third calendar month after. Days are the first of the month of creation.
-- key: person

with people as (
    select
        channel_group,
        channel,
        substr(created_on, 1, 7) as born,
        substr(date_of(lead_day), 1, 7) as lead,
        substr(date_of(mql_day), 1, 7) as mql,
        substr(date_of(sql_day), 1, 7) as sql,
        substr(date_of(opportunity_day), 1, 7) as opportunity,
        substr(date_of(won_day), 1, 7) as won
    from persons
    where person in (select id from touched_person) and created_on is not null and reached >= 1
),

entries as (
    select channel_group, channel, born, 'lead' as stage, lead as month from people where lead is not null
    union all
    select channel_group, channel, born, 'mql', mql from people where mql is not null
    union all
    select channel_group, channel, born, 'sql', sql from people where sql is not null
    union all
    select channel_group, channel, born, 'opportunity', opportunity from people where opportunity is not null
    union all
    select channel_group, channel, born, 'won', won from people where won is not null
),

counted as (
    select channel_group, channel, born, stage, month, count(*) as people
    from entries
    group by channel_group, channel, born, stage, month
)

select
    'cohort_' || stage || '@'
        || (12 * (substr(month, 1, 4) - substr(born, 1, 4)) + substr(month, 6, 2) - substr(born, 6, 2)) as measure,
    day_number(born || '-01') as day,
    channel_group,
    channel,
    people as value,
    0 as incomplete
from counted
