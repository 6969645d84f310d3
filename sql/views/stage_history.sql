create view stage_history as
-- When each person first entered each stage, how that is known, and the last day on which an export said otherwise.
-- Grain: one row per person and stage; `entered_on` is null where the stage was reached at an unknown date.
select
    p.person_id,
    e.stage,
    e.entered_on,
    e.not_before,
    e.evidence
from stage_events as e
join persons as p on p.person = e.person;
