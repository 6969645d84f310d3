-- People with a held meeting who became an opportunity at or after it.
select starts_on as day, channel_group, channel, person as value
from meeting_facts
where is_prospect and outcome = 'held' and person is not null and is_opportunity_after
