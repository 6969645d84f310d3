-- Campaigns, by the name people and deals give them, whose people or deals changed.
select campaign_key from campaign_people where person in (select id from touched_person)
union
select campaign_key from campaign_deals where deal in (select id from touched_deal)
union
select campaign_key from campaign_deals where customer_key in (select id from touched_customer)
