-- People by the month they were created and the months it took them to reach a stage: `cohort_opportunity@3` counts
-- those who became opportunities in the third calendar month after.
-- key: person
-- form: months

select
    channel,
    created_day as day,
    lead_day as cohort_lead,
    mql_day as cohort_mql,
    sql_day as cohort_sql,
    opportunity_day as cohort_opportunity,
    won_day as cohort_won
from persons
where person in (select id from touched_person) and created_day is not null and reached >= 1
