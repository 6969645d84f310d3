-- What people of several records are called, where their earliest record does not say it: of each text the earliest
-- record that has it.
-- Grain: one row per person whose texts come from several records.
-- key: crm

create table person_texts (
    person integer primary key,
    email text,
    company text,
    country text,
    industry text,
    owner text,
    disqualified_reason text
) strict;
