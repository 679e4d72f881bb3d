DROP INDEX message_counts_waiting;
DELETE FROM reconciler_marks WHERE visit = 'evidence';
DROP TABLE cancellations, budget_deltas, budget_use;
ALTER TABLE messages DROP COLUMN content_hash, DROP COLUMN claimed_at, DROP COLUMN campaign_budget_id;
DROP TABLE inbound_marks, inbound_texts, consent_records, platform_suppressions;
ALTER TABLE recipients DROP CONSTRAINT recipients_pkey;
ALTER TABLE recipients
  DROP COLUMN marketing_consent, DROP COLUMN marketing_consent_at, DROP COLUMN marketing_consent_source,
  DROP COLUMN transactional_consent, DROP COLUMN transactional_consent_at, DROP COLUMN transactional_consent_source,
  DROP COLUMN time_zone, DROP COLUMN region;
ALTER TABLE recipients ADD PRIMARY KEY (tenant_id, number) INCLUDE (suppressed_at, lifted_at);
DROP TABLE changes, campaigns, budgets, country_rates, gate_settings;
DROP FUNCTION budget_use_begins();
ALTER TABLE senders DROP COLUMN weight, DROP COLUMN countries, DROP COLUMN blocked_reason;
ALTER TABLE provider_accounts DROP COLUMN weight;
