-- Cohorts: share of each month's new people who reached a stage within so many months
-- Cumulative; a cell is empty until that month of the cohort's life is over. People who
-- reached the stage at an unknown date are in `reached`, in no month.
-- Grain: one row per month of creation.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :stage  the stage reached, default opportunity, one of lead|mql|sql|opportunity|won
-- :channel  a channel or channel group, optional
-- :segment  only people of this segment of funnelite.toml, optional
with entries as (
    select
        substr(created_on, 1, 7) as month,
        stage,
        12 * (substr(entered_on, 1, 4) - substr(created_on, 1, 4))
            + substr(entered_on, 6, 2) - substr(created_on, 6, 2) as months_since
    from stage_entries
    where
        created_on between substr(:from, 1, 7) || '-01' and :to
        and stage in ('contact', :stage)
        and (:channel is null or :channel in (channel, channel_group))
        and (:segment is null or segments like '%;' || :segment || ';%')
),

counted as (
    select
        month,
        sum(stage = 'contact') as people,
        sum(stage = :stage) as reached,
        sum(stage = :stage and months_since <= 0) as m0,
        sum(stage = :stage and months_since <= 1) as m1,
        sum(stage = :stage and months_since <= 2) as m2,
        sum(stage = :stage and months_since <= 3) as m3,
        sum(stage = :stage and months_since <= 4) as m4,
        sum(stage = :stage and months_since <= 5) as m5,
        sum(stage = :stage and months_since <= 6) as m6,
        sum(stage = :stage and months_since <= 9) as m9,
        sum(stage = :stage and months_since <= 12) as m12
    from entries
    group by month
),

aged as (
    select
        c.*,
        (
            select count(*) - 1
            from periods as p
            where
                p.grain = 'month'
                and p.is_complete = 1
                and p.starts >= c.month || '-01'
        ) as age
    from counted as c
)

select
    month as cohort,
    people,
    reached,
    1.0 * reached / nullif(people, 0) as reached_rate,
    case when age >= 0 then 1.0 * m0 / people end as within_0_months_rate,
    case when age >= 1 then 1.0 * m1 / people end as within_1_months_rate,
    case when age >= 2 then 1.0 * m2 / people end as within_2_months_rate,
    case when age >= 3 then 1.0 * m3 / people end as within_3_months_rate,
    case when age >= 4 then 1.0 * m4 / people end as within_4_months_rate,
    case when age >= 5 then 1.0 * m5 / people end as within_5_months_rate,
    case when age >= 6 then 1.0 * m6 / people end as within_6_months_rate,
    case when age >= 9 then 1.0 * m9 / people end as within_9_months_rate,
    case when age >= 12 then 1.0 * m12 / people end as within_12_months_rate
from aged
order by month
