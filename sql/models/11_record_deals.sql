-- The deals that a person's record names: associated deals, and the deal a lead was converted to.
-- Grain: one row per record and deal id.
-- key: record

create table record_deals (
    record integer not null,                   -- crm_people.id
    source integer not null,
    deal_id text not null,                     -- as the system shows it
    primary key (source, deal_id, record)
) strict, without rowid;
-- replaced by record
create index record_deals_record on record_deals (record);

insert or ignore into record_deals (record, source, deal_id)
select p.id, p.source, i.value
from crm_people as p
join json_each(id_list(coalesce(p.deal_ids, '') || ';' || coalesce(p.converted_deal_id, ''))) as i
where
    p.id in (select id from touched_record)
    and (p.deal_ids <> '' or p.converted_deal_id <> '');
