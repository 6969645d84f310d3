create view open_pipeline as
-- Open deals of new business and their money in the reporting currency, on the last day of the data.
-- Grain: one row per pipeline, stage, channel and day of creation.
select
    p.word as pipeline,
    s.word as stage,
    h.channel_group,
    h.channel,
    created.day as created_on,
    o.deals,
    o.opportunities,
    o.deals_with_amount,
    case when o.deals_with_amount > 0 then o.amount_micros / 1000000.0 end as amount,
    case when o.weighted_deals > 0 then o.weighted_micros / 1000000.0 end as weighted_amount
from open_deals as o
join channels as h on h.id = o.channel
left join words as p on p.id = o.pipeline
left join words as s on s.id = o.stage
left join calendar_days as created on created.day_number = o.created_day;
