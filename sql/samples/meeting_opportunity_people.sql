-- People with a held meeting who became an opportunity at or after it.
-- key: meeting
select meeting, starts_day as day, channel, person as value, person as record, email as name
from meeting_facts
where is_prospect and outcome = 'held' and person is not null and is_opportunity_after
