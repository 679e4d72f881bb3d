-- Events by the UTC quarter-hour, a row for each with a figure for each kind: a report of months reads a tenth of the rows. accepted is no event: the
-- messages of which the ids are of that time.
CREATE TABLE event_quarters (
  tenant_id    uuid NOT NULL,
  quarter      timestamptz NOT NULL,
  accepted     bigint NOT NULL DEFAULT 0,
  queued       bigint NOT NULL DEFAULT 0,
  deferred     bigint NOT NULL DEFAULT 0,
  claimed      bigint NOT NULL DEFAULT 0,
  unknown      bigint NOT NULL DEFAULT 0,
  taken        bigint NOT NULL DEFAULT 0,
  sent         bigint NOT NULL DEFAULT 0,
  undelivered  bigint NOT NULL DEFAULT 0,
  delivered    bigint NOT NULL DEFAULT 0,
  read         bigint NOT NULL DEFAULT 0,
  failed       bigint NOT NULL DEFAULT 0,
  rejected     bigint NOT NULL DEFAULT 0,
  cancelled    bigint NOT NULL DEFAULT 0,
  uncertain    bigint NOT NULL DEFAULT 0,
  texted_twice bigint NOT NULL DEFAULT 0,
  no_receipt   bigint NOT NULL DEFAULT 0,
  other_word   bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, quarter)
) WITH (fillfactor = 70);
INSERT INTO event_quarters (tenant_id, quarter, accepted, queued, deferred, claimed, unknown, taken, sent, undelivered, delivered, read, failed, rejected, cancelled, uncertain, texted_twice, no_receipt, other_word)
  SELECT tenant_id, quarter,
    coalesce(sum(events) FILTER (WHERE kind = 0), 0),
    coalesce(sum(events) FILTER (WHERE kind = 1), 0),
    coalesce(sum(events) FILTER (WHERE kind = 2), 0),
    coalesce(sum(events) FILTER (WHERE kind = 3), 0),
    coalesce(sum(events) FILTER (WHERE kind = 4), 0),
    coalesce(sum(events) FILTER (WHERE kind = 5), 0),
    coalesce(sum(events) FILTER (WHERE kind = 6), 0),
    coalesce(sum(events) FILTER (WHERE kind = 7), 0),
    coalesce(sum(events) FILTER (WHERE kind = 8), 0),
    coalesce(sum(events) FILTER (WHERE kind = 9), 0),
    coalesce(sum(events) FILTER (WHERE kind = 10), 0),
    coalesce(sum(events) FILTER (WHERE kind = 11), 0),
    coalesce(sum(events) FILTER (WHERE kind = 12), 0),
    coalesce(sum(events) FILTER (WHERE kind = 13), 0),
    coalesce(sum(events) FILTER (WHERE kind = 20), 0),
    coalesce(sum(events) FILTER (WHERE kind = 21), 0),
    coalesce(sum(events) FILTER (WHERE kind = 22), 0)
  FROM (
    SELECT tenant_id, quarter, kind, events FROM event_counts
    UNION ALL
    SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0, count(*) FROM messages GROUP BY 1, 2
  ) counted
  GROUP BY tenant_id, quarter;
DROP TABLE event_counts;

-- The same by kind, for who compares them with the events.
CREATE VIEW event_counts AS
  SELECT q.tenant_id, q.quarter, told.kind, told.events
  FROM event_quarters q CROSS JOIN LATERAL (VALUES (0::smallint, q.accepted), (1::smallint, q.queued), (2::smallint, q.deferred), (3::smallint, q.claimed), (4::smallint, q.unknown), (5::smallint, q.taken), (6::smallint, q.sent), (7::smallint, q.undelivered), (8::smallint, q.delivered), (9::smallint, q.read), (10::smallint, q.failed), (11::smallint, q.rejected), (12::smallint, q.cancelled), (13::smallint, q.uncertain), (20::smallint, q.texted_twice), (21::smallint, q.no_receipt), (22::smallint, q.other_word)) AS told (kind, events)
  WHERE told.events <> 0;

-- The day that a message is counted by (message_counts, sender_counts): that of its acceptance by the tenant's clock then. It never changes,
-- whatever becomes of the tenant's time zone. What there is already was counted by its day in UTC, and stays so.
ALTER TABLE messages ADD COLUMN accepted_on date;
UPDATE messages SET accepted_on = (uuid7_time(id) AT TIME ZONE 'UTC')::date;
ALTER TABLE messages ALTER COLUMN accepted_on SET NOT NULL;
ALTER TABLE waiting ADD COLUMN accepted_on date;
UPDATE waiting SET accepted_on = (uuid7_time(message_id) AT TIME ZONE 'UTC')::date;
ALTER TABLE waiting ALTER COLUMN accepted_on SET NOT NULL;
