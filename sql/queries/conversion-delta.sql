-- What changed a conversion rate between two periods: better channels, or another mix
-- Per channel: rate effect = mean share × change of its rate; mix effect = change of its
-- share × (mean of its rates − mean of the totals). They sum exactly to the change.
-- Grain: one row per channel, and one for all.
-- :period  the later period, default last-{grain}
-- :against  the earlier one, optional
-- :grain  their length, default month, one of week|month|quarter|year
-- :rate  the rate, default lead_to_mql_rate, one of contact_to_lead_rate|lead_to_mql_rate|mql_to_sql_rate|sql_to_opportunity_rate|opportunity_to_won_rate|mql_to_opportunity_rate|lead_to_opportunity_rate|lead_to_close_rate|win_rate|meeting_attendance_rate|ctr
with spans as (
    select
        :period as after,
        coalesce(
            :against,
            (select max(starts) from periods where grain = :grain and starts < :period)
        ) as before
),

cells as (
    select
        c.channel_group,
        c.channel,
        sum(case when c.period = s.before then c.numerator else 0 end) as hits_0,
        sum(case when c.period = s.before then c.denominator else 0 end) as base_0,
        sum(case when c.period = s.after then c.numerator else 0 end) as hits_1,
        sum(case when c.period = s.after then c.denominator else 0 end) as base_1
    from spans as s
    inner join kpi_cells as c
        on c.grain = :grain and c.kpi = :rate and c.period in (s.before, s.after)
    where c.level = 'channel'
    group by c.channel_group, c.channel
),

-- a channel's share of the base and its part of the total rate; a channel without base
-- but with hits has a part and no rate, and counts as mix
shares as (
    select
        *,
        1.0 * base_0 / nullif(sum(base_0) over (), 0) as share_0,
        1.0 * base_1 / nullif(sum(base_1) over (), 0) as share_1,
        1.0 * hits_0 / nullif(sum(base_0) over (), 0) as part_0,
        1.0 * hits_1 / nullif(sum(base_1) over (), 0) as part_1,
        1.0 * sum(hits_0) over () / nullif(sum(base_0) over (), 0) as total_0,
        1.0 * sum(hits_1) over () / nullif(sum(base_1) over (), 0) as total_1,
        1.0 * hits_0 / nullif(base_0, 0) as rate_0,
        1.0 * hits_1 / nullif(base_1, 0) as rate_1
    from cells
),

effects as (
    select
        channel_group, channel, base_0, base_1, hits_0, hits_1, rate_0, rate_1,
        coalesce((share_0 + share_1) / 2.0 * (rate_1 - rate_0), 0) as rate_effect,
        part_1 - part_0
            - coalesce((share_0 + share_1) / 2.0 * (rate_1 - rate_0), 0)
            - (share_1 - share_0) * (total_0 + total_1) / 2.0 as mix_effect
    from shares
),

final as (
    select 0 as is_total, * from effects
    union all
    select
        1, 'All', 'All', sum(base_0), sum(base_1), sum(hits_0), sum(hits_1),
        1.0 * sum(hits_0) / nullif(sum(base_0), 0),
        1.0 * sum(hits_1) / nullif(sum(base_1), 0),
        sum(rate_effect), sum(mix_effect)
    from effects
)

select
    channel_group,
    channel,
    base_0 as before_denominator,
    base_1 as after_denominator,
    rate_0 as before_rate,
    rate_1 as after_rate,
    rate_effect as change_by_rate,
    mix_effect as change_by_mix,
    rate_effect + mix_effect as change
from final
order by is_total, abs(rate_effect + mix_effect) desc, channel_group, channel
