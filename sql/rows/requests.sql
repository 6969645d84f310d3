-- Inbound requests of the period
-- measures: inbound_requests, inbound_answered, inbound_response_seconds, inbound_minutes, inbound_business_answered, inbound_business_seconds, inbound_business_minutes, inbound_never_answered, inbound_within_target, inbound_outcomes
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
-- times in minutes, as the KPIs show them
select
    requested_on as day,
    system || ':' || request_id as record,
    coalesce(email, form) as name,
    coalesce(h.channel, 'Unknown') as channel,
    case :measure
        when 'inbound_response_seconds' then response_seconds / 60.0
        when 'inbound_business_seconds' then business_seconds / 60.0
        when 'inbound_minutes' then response_seconds / 60.0
        when 'inbound_business_minutes' then business_seconds / 60.0
        else 1
    end as value
from request_facts as f
left join channels as h on f.channel = h.id
where
    is_counted
    and requested_on between :from and :to
    and (
        :channel is null
        or :channel in (coalesce(h.channel, 'Unknown'), coalesce(h.channel_group, 'Unknown'))
    )
    and case
        when :measure = 'inbound_requests' then 1
        when :measure = 'inbound_never_answered'
            then response_seconds is null and first_response_at is null
        when :measure = 'inbound_within_target' then is_within_target
        when :measure = 'inbound_outcomes' then has_outcome
        when :measure like 'inbound_business%' then business_seconds is not null
        else response_seconds is not null
    end
order by requested_at, record
