DROP TABLE ledger_floor, ledger_identity, event_counts, event_count_deltas, message_counts, count_deltas, recipients, send_keys,
  leases, waiting, reconciler_marks, claims, message_events, messages;
DROP SEQUENCE message_events_seq;
DROP TABLE settings_version, api_keys, senders, provider_accounts, tenants;
DROP FUNCTION make_partitions(date, date);
DROP FUNCTION make_partition(text, text, text, text, text);
DROP FUNCTION uuid7_time(uuid);
DROP FUNCTION uuid7_floor(timestamptz);
