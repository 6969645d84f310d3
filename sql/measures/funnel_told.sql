-- People who say what brought them, and MQLs where segments are described. Apart from `funnel`, because most people are
-- neither.
-- key: person
-- form: wide

select
    channel,
    iif(answer is not null, created_day, null) as self_reported_people,
    iif(is_icp is not null, mql_day, null) as icp_mqls,
    is_icp as "icp_mqls.value",
    iif(is_icp is not null, mql_day, null) as segmented_mqls
from persons
where person in (select id from touched_person) and (answer is not null or segments is not null)
