-- Recurring revenue is what is left of an invoice without its tax.

alter table invoices add column tax_micros integer;
