-- Customers of the touched deals: before the deals change, and after.
select customer from deal_facts where deal in (select id from touched_deal)
