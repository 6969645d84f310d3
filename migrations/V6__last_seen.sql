-- When the bytes of a file were last downloaded: an export that did not change since last week has arrived nonetheless.

alter table import_files add column last_seen_on text;
update import_files
set last_seen_on = case
    when as_of_evidence in ('flag', 'content', 'name') then substr(as_of, 1, 10)
    else substr(coalesce(nullif(modified_at, ''), as_of), 1, 10)
end;
