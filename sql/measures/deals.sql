-- Deals by the day they were created or became opportunities. Money in the reporting currency; deals without it are
-- incomplete.
-- key: deal
-- form: wide

with deals as (
    select
        d.channel,
        d.created_day,
        d.opportunity_day,
        d.closed_day,
        d.status = 'open' as is_open,
        d.amount_reporting_micros as amount,
        d.amount_reporting_micros is null as no_amount,
        d.probability_millionths as probability
    from deal_facts as d
    where d.deal in (select id from touched_deal)
)

select
    channel,
    created_day as created_deals,
    opportunity_day as "qualified_deals, pipeline_created",
    iif(is_open or closed_day > opportunity_day, opportunity_day, null) as pipeline_open,
    amount as "pipeline_created.value, pipeline_open.value",
    no_amount as "pipeline_created.incomplete, pipeline_open.incomplete",
    iif(closed_day > opportunity_day, closed_day, null) as "pipeline_open#closed",
    -amount as "pipeline_open#closed.value",
    -no_amount as "pipeline_open#closed.incomplete",
    iif(is_open, opportunity_day, null) as weighted_pipeline,
    amount * probability / 1000000 as "weighted_pipeline.value",
    no_amount or probability is null as "weighted_pipeline.incomplete"
from deals
