-- The ledger. Writing rooms: Pipeline/Ledger (all but recipients), Pipeline/Suppression (recipients).

-- One row per message; it carries the obligation from its first write on. Key = id (UUIDv7), so a replay always meets its row.
-- No index on a column that a transition changes: it would end HOT updates. fillfactor 50: whole batches are updated at once.
CREATE TABLE messages (
  id               uuid NOT NULL,
  tenant_id        uuid NOT NULL,
  recipient        bigint NOT NULL,
  state            smallint NOT NULL,
  version          integer NOT NULL,
  purpose          smallint NOT NULL,
  attempt          smallint NOT NULL DEFAULT 0,
  reason           smallint NOT NULL DEFAULT 0,
  code             integer NOT NULL DEFAULT 0,
  segments         smallint NOT NULL,
  seen             integer NOT NULL DEFAULT 0,
  sid_kind         "char",
  no_receipt       boolean NOT NULL DEFAULT false,
  sid              uuid,
  account_id       uuid,
  sender_id        uuid,
  updated_at       timestamptz NOT NULL,
  held_micros      bigint NOT NULL DEFAULT 0,
  budget_id        uuid,
  campaign_id      text NOT NULL DEFAULT '',
  client_reference text NOT NULL DEFAULT '',
  idempotency_key  text,
  verdict          text,
  request          bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX messages_tenant ON messages (tenant_id, id);
CREATE INDEX messages_recipient ON messages (recipient, id);

-- What happened, in the transaction that made it happen. xid and seq are the feed's order.
CREATE SEQUENCE message_events_seq AS bigint CACHE 1;
CREATE TABLE message_events (
  message_id  uuid NOT NULL,
  version     integer NOT NULL,
  kind        smallint NOT NULL,
  attempt     smallint NOT NULL,
  reason      smallint NOT NULL DEFAULT 0,
  code        integer NOT NULL DEFAULT 0,
  tenant_id   uuid NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  provider_at timestamptz,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint NOT NULL DEFAULT nextval('message_events_seq'),
  detail      text
) PARTITION BY RANGE (at);
CREATE INDEX message_events_message ON message_events (message_id, version);
CREATE INDEX message_events_feed ON message_events (xid, seq);

-- One row per claimed batch: how what nobody finished is found without an index on time or state. Never updated.
CREATE TABLE claims (
  at          timestamptz NOT NULL DEFAULT now(),
  batch       uuid NOT NULL,
  worker      uuid NOT NULL,
  message_ids uuid[] NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX claims_at ON claims (at);

-- How far the reconciler's visits have come, by kind of visit: every claimed batch up to then was visited. Hours below all marks are dropped.
CREATE TABLE reconciler_marks (visit text PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO reconciler_marks VALUES ('unfinished', '-infinity'), ('unresolved', '-infinity'), ('unheard', '-infinity');

-- What waits: a row here exactly while its message is deferred, written only by the transaction that changes the message.
-- The lane is (tenant, sender, purpose, campaign).
CREATE TABLE waiting (
  message_id  uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  sender_id   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  purpose     smallint NOT NULL,
  campaign_id text NOT NULL DEFAULT '',
  reason      smallint NOT NULL,
  segments    smallint NOT NULL,
  due_at      timestamptz NOT NULL
);
CREATE INDEX waiting_due ON waiting (purpose, due_at, message_id);
CREATE INDEX waiting_lane ON waiting (purpose, tenant_id, sender_id, campaign_id, due_at, message_id);

-- Who releases a lane (or all of them), by Postgres' clock.
CREATE TABLE leases (name text PRIMARY KEY, holder uuid NOT NULL, until timestamptz NOT NULL);

-- Idempotency keys, taken by whoever writes the message's first row.
CREATE TABLE send_keys (
  tenant_id    uuid NOT NULL,
  key          text NOT NULL,
  message_id   uuid NOT NULL,
  request_hash bytea NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX send_keys_created ON send_keys USING brin (created_at);

-- One covering row of facts per (tenant, number), read by an index-only scan.
CREATE TABLE recipients (
  tenant_id         uuid NOT NULL,
  number            bigint NOT NULL,
  suppressed_at     timestamptz,
  lifted_at         timestamptz,
  suppressed_source text,
  PRIMARY KEY (tenant_id, number) INCLUDE (suppressed_at, lifted_at)
);

-- Counts: batches insert deltas, one folder turns them into totals every second. A read is totals plus deltas in one statement.
-- Keyed by the accepted day (UTC) of the message: the disjoint states of the balanced ledger.
CREATE TABLE count_deltas (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  campaign_id text NOT NULL,
  day         date NOT NULL,
  state       smallint NOT NULL,
  reason      smallint NOT NULL,
  code        integer NOT NULL,
  messages    integer NOT NULL,
  segments    integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE TABLE message_counts (
  tenant_id   uuid NOT NULL,
  day         date NOT NULL,
  campaign_id text NOT NULL,
  state       smallint NOT NULL,
  reason      smallint NOT NULL,
  code        integer NOT NULL,
  messages    bigint NOT NULL,
  segments    bigint NOT NULL,
  PRIMARY KEY (tenant_id, day, campaign_id, state, reason, code)
);
CREATE INDEX message_counts_campaign ON message_counts (tenant_id, campaign_id, day);

-- Keyed by the UTC quarter-hour of the event.
CREATE TABLE event_count_deltas (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  quarter   timestamptz NOT NULL,
  kind      smallint NOT NULL,
  events    integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE TABLE event_counts (
  tenant_id uuid NOT NULL,
  quarter   timestamptz NOT NULL,
  kind      smallint NOT NULL,
  events    bigint NOT NULL,
  PRIMARY KEY (tenant_id, quarter, kind)
);

-- Which Postgres this ledger was written by: another one (a restore, a fail-over) holds sending until it is recovered.
CREATE TABLE ledger_identity (
  only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  system_identifier bigint NOT NULL,
  timeline          integer NOT NULL
);
INSERT INTO ledger_identity (system_identifier, timeline)
  SELECT s.system_identifier, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c;

-- floor: the lowest id a record may have, raised before a day is dropped, since its row may be gone.
-- feed_floor: events up to this transaction may be gone; a feed position below it is out of range.
CREATE TABLE ledger_floor (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  floor      uuid NOT NULL DEFAULT '00000000-0000-7000-8000-000000000000',
  feed_floor xid8 NOT NULL DEFAULT '0'
);
INSERT INTO ledger_floor DEFAULT VALUES;

SELECT make_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 14);
