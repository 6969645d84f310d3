-- Web properties of which rows came or went. Where rows are gone, every property is settled again; properties of the
-- older generation always, because they count only where no newer one does.
select w.source || '|' || w.property
from touched_rows as t
join web_rows as w on w.id = t.record
where t.target = 'web_rows'
union
select web_property
from web_days
where exists (
    select 1 from touched_rows as t
    where t.target = 'web_rows' and not exists (select 1 from web_rows as w where w.id = t.record)
)
union
select distinct w.source || '|' || w.property
from sources as s
join web_rows as w on w.source = s.id
where s.system = 'universal_analytics' and exists (select 1 from touched_rows as t where t.target = 'web_rows')
