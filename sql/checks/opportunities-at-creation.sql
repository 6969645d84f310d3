-- Opportunities are counted at the creation of their deal
-- No deal stage is set as the one that sales qualifies, so every new-business deal is one.
-- do: name the stage in funnelite.toml, as in
-- do: `[stages] opportunity = ["hubspot:deal_stage:Sales Pipeline/Qualified To Buy"]`.
-- short: opportunities counted from the creation of their deal on
-- kpis: opportunities, qualified_deals, pipeline_created, pipeline_open, weighted_pipeline
-- Grain: one row, or none where a qualifying stage is set.
select
    'deals' as subject,
    'all ' || sum(m.value) || ' opportunities began when their deal was created' as finding,
    sum(m.value) as records
from measures as n
join measure_months as m on m.measure = n.id
join scopes as s on s.id = m.scope
where n.name = 'qualified_deals' and s.channel_group = 'All' and not has_qualifying_stage()
having sum(m.value) > 0
