-- Customer webhooks. Writing room: Crm/Webhooks.

-- Where a tenant wants its events. What a delivery worker claims is an endpoint, not a delivery: due_at is when it has something to do
-- next, held_until until when one worker has it. slow_lane: it fails, or answers slowly; it then shares a bounded part of the slots.
CREATE TABLE webhook_endpoints (
  id                uuid PRIMARY KEY,
  tenant_id         uuid NOT NULL REFERENCES tenants,
  url               text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  description       text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
  events            text[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 50),
  secret_sealed     bytea NOT NULL,
  previous_sealed   bytea,
  previous_until    timestamptz,
  state             text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'slowed', 'off')),
  reason            text CHECK (length(reason) <= 500),
  failures          integer NOT NULL DEFAULT 0,
  failing_since     timestamptz,
  paused_until      timestamptz,
  slow_lane         boolean NOT NULL DEFAULT false,
  waiting           bigint NOT NULL DEFAULT 0,
  due_at            timestamptz,
  held_by           uuid,
  held_until        timestamptz,
  version           bigint NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX webhook_endpoints_tenant ON webhook_endpoints (tenant_id, id);
CREATE INDEX webhook_endpoints_due ON webhook_endpoints (slow_lane, due_at) WHERE due_at IS NOT NULL;

-- One event for one endpoint. state: 0 waiting, 1 delivered, 2 given up. tries: place on the schedule; attempts: all there were.
-- No foreign key: an endpoint may be removed while millions stand here; retention takes them.
CREATE TABLE webhook_deliveries (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  event       text NOT NULL,
  message_id  uuid,
  state       smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
  tries       smallint NOT NULL DEFAULT 0,
  attempts    integer NOT NULL DEFAULT 0,
  last_status smallint,
  due_at      timestamptz NOT NULL DEFAULT now(),
  created_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  body        text NOT NULL CHECK (octet_length(body) <= 20480)
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, id) WHERE state = 0;

-- Every attempt. status NULL: no answer, and error says why.
CREATE TABLE webhook_attempts (
  delivery_id   uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
  number        integer NOT NULL,
  at            timestamptz NOT NULL,
  status        smallint,
  latency_ms    integer NOT NULL,
  error         text,
  response_head text CHECK (octet_length(response_head) <= 4096),
  PRIMARY KEY (delivery_id, number)
);

-- How far the ledger's feed has been turned into deliveries, and which process does that until when.
CREATE TABLE webhook_feed (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  position text,
  holder   uuid,
  until    timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO webhook_feed DEFAULT VALUES;
