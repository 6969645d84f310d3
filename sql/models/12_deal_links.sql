-- The people that a deal's records name: contact ids, contact roles, and an address where there is nothing else.
-- Grain: one row per deal and name.
-- key: deal

create table deal_links (
    deal integer not null,
    source integer not null,                   -- 0: record_id is an address
    record_id text not null,
    primary key (source, record_id, deal)
) strict, without rowid;
-- replaced by deal
create index deal_links_deal on deal_links (deal);

insert or ignore into deal_links (deal, source, record_id)
select k.deal, d.source, i.value
from deal_records as k
join crm_deals as d on d.id = k.record
join json_each(id_list(coalesce(d.contact_ids, '') || ';' || coalesce(d.primary_contact_id, ''))) as i
where
    k.deal in (select id from touched_deal)
    and (d.contact_ids <> '' or d.primary_contact_id <> '');

insert or ignore into deal_links (deal, source, record_id)
select k.deal, d.source, x.person_id
from deal_records as k
join crm_deals as d on d.id = k.record
join crm_deal_people as x on x.source = d.source and x.deal_id = d.record_id
where k.deal in (select id from touched_deal) and coalesce(x.is_deleted, 0) = 0;

insert or ignore into deal_links (deal, source, record_id)
select k.deal, 0, norm_email(d.contact_email)
from deal_records as k
join crm_deals as d on d.id = k.record
where k.deal in (select id from touched_deal) and norm_email(d.contact_email) is not null;
