DROP INDEX consent_records_stops;
DROP TABLE sender_counts, sender_count_deltas;
ALTER TABLE message_counts DROP COLUMN micros;
ALTER TABLE count_deltas DROP COLUMN micros;
ALTER TABLE messages DROP COLUMN country;
ALTER TABLE tenants DROP COLUMN time_zone;
