-- Targets (OKRs) against what was reached
-- Attainment is actual ÷ target, or target ÷ actual where lower is better. A running
-- period is held against the elapsed share of its target too.
-- Grain: one row per target.
-- :from  first day, optional
-- :to  last day, optional
-- :channel  a channel or channel group, optional
select *
from targets
where
    (:from is null or period >= :from)
    and (:to is null or period <= :to)
    and (:channel is null or channel = :channel)
order by period, kpi, channel
