ALTER TABLE waiting DROP COLUMN accepted_on;
ALTER TABLE messages DROP COLUMN accepted_on;
DELETE FROM event_counts WHERE kind = 0;
DELETE FROM event_count_deltas WHERE kind = 0;
