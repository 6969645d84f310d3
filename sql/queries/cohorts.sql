-- Cohorts: share of each month's new people who reached a stage within so many months
-- Cumulative; a cell is empty until that month of the cohort's life is over. People who
-- reached the stage at an unknown date are in `reached`, in no month.
-- Grain: one row per month of creation.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :stage  the stage reached, default opportunity, one of lead|mql|sql|opportunity|won
-- :channel  a channel or channel group, optional
-- :campaign  a name in which * stands for anything, optional
-- :segment  only people of this segment of funnelite.toml, optional
with entries as (
    select
        substr(e.created_on, 1, 7) || '-01' as cohort_month,
        e.stage,
        12 * (substr(e.entered_on, 1, 4) - substr(e.created_on, 1, 4))
            + substr(e.entered_on, 6, 2) - substr(e.created_on, 6, 2) as months
    from stage_entries as e
    where
        (:segment is not null or :campaign is not null)
        and e.created_on is not null
        and e.stage in ('contact', :stage)
        and (:segment is null or e.segments like '%;' || :segment || ';%')
        and (:campaign is null or e.campaign like :campaign escape '\')
        and (:channel is null or :channel in (e.channel, e.channel_group))
),

cohorts as (
    select
        cohort_month,
        contacts as people,
        case :stage
            when 'lead' then leads
            when 'mql' then mqls
            when 'sql' then sqls
            when 'opportunity' then opportunities
            else won
        end as reached
    from funnel_cohorts
    where
        :segment is null
        and :campaign is null
        and (:channel is null or :channel in (channel, channel_group))
    union all
    select cohort_month, sum(stage = 'contact'), sum(stage = :stage)
    from entries
    group by cohort_month
),

people as (
    select
        cohort_month,
        sum(people) as people,
        sum(reached) as reached
    from cohorts
    where cohort_month between substr(:from, 1, 7) || '-01' and :to
    group by cohort_month
),

steps as (
    select cohort_month, months, people
    from cohort_progress
    where
        :segment is null
        and :campaign is null
        and stage = :stage
        and (:channel is null or :channel in (channel, channel_group))
    union all
    select cohort_month, months, 1
    from entries
    where stage = :stage and months is not null
),

progress as (
    select
        cohort_month,
        sum(case when months <= 0 then people end) as m0,
        sum(case when months <= 1 then people end) as m1,
        sum(case when months <= 2 then people end) as m2,
        sum(case when months <= 3 then people end) as m3,
        sum(case when months <= 4 then people end) as m4,
        sum(case when months <= 5 then people end) as m5,
        sum(case when months <= 6 then people end) as m6,
        sum(case when months <= 9 then people end) as m9,
        sum(case when months <= 12 then people end) as m12
    from steps
    where cohort_month between substr(:from, 1, 7) || '-01' and :to
    group by cohort_month
),

aged as (
    select
        c.*,
        p.m0, p.m1, p.m2, p.m3, p.m4, p.m5, p.m6, p.m9, p.m12,
        (
            select count(*) - 1
            from periods as e
            where e.grain = 'month' and e.is_complete = 1 and e.starts >= c.cohort_month
        ) as age
    from people as c
    left join progress as p on c.cohort_month = p.cohort_month
)

select
    substr(cohort_month, 1, 7) as cohort,
    people,
    reached,
    1.0 * reached / nullif(people, 0) as reached_rate,
    case when age >= 0 then 1.0 * coalesce(m0, 0) / people end as within_0_months_rate,
    case when age >= 1 then 1.0 * coalesce(m1, 0) / people end as within_1_months_rate,
    case when age >= 2 then 1.0 * coalesce(m2, 0) / people end as within_2_months_rate,
    case when age >= 3 then 1.0 * coalesce(m3, 0) / people end as within_3_months_rate,
    case when age >= 4 then 1.0 * coalesce(m4, 0) / people end as within_4_months_rate,
    case when age >= 5 then 1.0 * coalesce(m5, 0) / people end as within_5_months_rate,
    case when age >= 6 then 1.0 * coalesce(m6, 0) / people end as within_6_months_rate,
    case when age >= 9 then 1.0 * coalesce(m9, 0) / people end as within_9_months_rate,
    case when age >= 12 then 1.0 * coalesce(m12, 0) / people end as within_12_months_rate
from aged
order by cohort_month
