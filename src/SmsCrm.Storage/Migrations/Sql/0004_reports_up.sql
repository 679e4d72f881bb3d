-- Messages accepted by the UTC quarter-hour of their ids, beside the events: kind 0. What there is already.
INSERT INTO event_counts (tenant_id, quarter, kind, events)
  SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0, count(*) FROM messages GROUP BY 1, 2;

-- The day that a message is counted by (message_counts, sender_counts): that of its acceptance by the tenant's clock then. It never changes,
-- whatever becomes of the tenant's time zone. What there is already was counted by its day in UTC, and stays so.
ALTER TABLE messages ADD COLUMN accepted_on date;
UPDATE messages SET accepted_on = (uuid7_time(id) AT TIME ZONE 'UTC')::date;
ALTER TABLE messages ALTER COLUMN accepted_on SET NOT NULL;
ALTER TABLE waiting ADD COLUMN accepted_on date;
UPDATE waiting SET accepted_on = (uuid7_time(message_id) AT TIME ZONE 'UTC')::date;
ALTER TABLE waiting ALTER COLUMN accepted_on SET NOT NULL;
