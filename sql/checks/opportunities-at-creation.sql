-- Opportunities are counted at the creation of their deal
-- No deal stage is set as the one that sales qualifies, so every new-business deal is one.
-- do: name the stage in funnelite.toml, as in
-- do: `[stages] opportunity = ["hubspot:deal_stage:Sales Pipeline/Qualified To Buy"]`.
-- Grain: one row, or none where a qualifying stage is set.
select
    'deals' as subject,
    'all ' || count(*) || ' opportunities began when their deal was created' as finding,
    count(*) as records
from deals
where opportunity_on is not null
having count(*) > 0 and sum(opportunity_on <> created_on) = 0
