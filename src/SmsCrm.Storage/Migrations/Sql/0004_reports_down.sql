ALTER TABLE waiting DROP COLUMN accepted_on;
ALTER TABLE messages DROP COLUMN accepted_on;
DELETE FROM event_count_deltas WHERE kind = 0;
ALTER VIEW event_counts RENAME TO event_counts_by_kind;
CREATE TABLE event_counts (
  tenant_id uuid NOT NULL,
  quarter   timestamptz NOT NULL,
  kind      smallint NOT NULL,
  events    bigint NOT NULL,
  PRIMARY KEY (tenant_id, quarter, kind)
);
INSERT INTO event_counts SELECT tenant_id, quarter, kind, events FROM event_counts_by_kind WHERE kind <> 0;
DROP VIEW event_counts_by_kind;
DROP TABLE event_quarters;
