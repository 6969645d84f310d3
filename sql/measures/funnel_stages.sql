-- People by the day they entered a stage, and by the day they were created. Apart from `funnel`, because many people
-- reach none.
-- key: person
-- form: wide
-- shown by day: cohort_opportunities, cohort_won

select
    channel,
    lead_day as leads,
    mql_day as mqls,
    sql_day as sqls,
    opportunity_day as opportunities,
    won_day as won_people,
    created_day as cohort_leads,
    iif(reached >= 2, created_day, null) as cohort_mqls,
    iif(reached >= 3, created_day, null) as cohort_sqls,
    iif(reached >= 4, created_day, null) as cohort_opportunities,
    iif(reached >= 5, created_day, null) as cohort_won
from persons
where person in (select id from touched_person) and reached >= 1
