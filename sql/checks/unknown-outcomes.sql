-- Meetings that are over and of which nobody said whether they took place
-- They are in neither side of the attendance rate.
-- do: have the outcome logged in the CRM or the calendar tool.
-- kpis: meetings_attended, meeting_attendance_rate
-- Grain: one row per system and month.
select
    system || ' ' || substr(starts_on, 1, 7) as subject,
    count(*) || ' meetings without an outcome' as finding,
    count(*) as records
from meetings
where outcome = 'unknown'
group by system, substr(starts_on, 1, 7)
order by subject
