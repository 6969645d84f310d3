-- People by the day they entered a stage, and by the day they were created.
-- key: person
-- form: wide

select
    channel,
    coalesce(contact_day, created_day) as contacts,
    lead_day as leads,
    mql_day as mqls,
    sql_day as sqls,
    opportunity_day as opportunities,
    won_day as won_people,
    created_day as cohort_contacts,
    iif(reached >= 1, created_day, null) as cohort_leads,
    iif(reached >= 2, created_day, null) as cohort_mqls,
    iif(reached >= 3, created_day, null) as cohort_sqls,
    iif(reached >= 4, created_day, null) as cohort_opportunities,
    iif(reached >= 5, created_day, null) as cohort_won,
    iif(answer is not null, created_day, null) as self_reported_people,
    iif(is_icp is not null, mql_day, null) as icp_mqls,
    is_icp as "icp_mqls.value",
    iif(is_icp is not null, mql_day, null) as segmented_mqls
from persons
where person in (select id from touched_person)
