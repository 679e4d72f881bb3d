-- Reports. Writing rooms: Crm/Tenants (tenants), Pipeline/Ledger (the rest).

-- IANA: whose days and hours the reports tell.
ALTER TABLE tenants ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64);

-- The recipient's country, ISO 3166-1 alpha-2, as ingest found it; '' where it is not known.
ALTER TABLE messages ADD COLUMN country text NOT NULL DEFAULT '';

-- What the messages of a state cost by estimate; not zero only in states that count as spent.
ALTER TABLE count_deltas ADD COLUMN micros bigint NOT NULL DEFAULT 0;
ALTER TABLE message_counts ADD COLUMN micros bigint NOT NULL DEFAULT 0;

-- Keyed by the accepted day (UTC): what the provider took or refused, by sender and country. sent: it has a sid; segments and micros: of what was
-- sent or may have been. sender_id zero: not known.
CREATE TABLE sender_count_deltas (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  day         date NOT NULL,
  sender_id   uuid NOT NULL,
  country     text NOT NULL,
  sent        integer NOT NULL,
  delivered   integer NOT NULL,
  undelivered integer NOT NULL,
  failed      integer NOT NULL,
  uncertain   integer NOT NULL,
  segments    integer NOT NULL,
  micros      bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE TABLE sender_counts (
  tenant_id   uuid NOT NULL,
  day         date NOT NULL,
  sender_id   uuid NOT NULL,
  country     text NOT NULL,
  sent        bigint NOT NULL,
  delivered   bigint NOT NULL,
  undelivered bigint NOT NULL,
  failed      bigint NOT NULL,
  uncertain   bigint NOT NULL,
  segments    bigint NOT NULL,
  micros      bigint NOT NULL,
  PRIMARY KEY (tenant_id, day, sender_id, country)
);

-- What there is already.
INSERT INTO sender_counts
  SELECT tenant_id, (uuid7_time(id) AT TIME ZONE 'UTC')::date, coalesce(sender_id, '00000000-0000-0000-0000-000000000000'), country,
    count(*) FILTER (WHERE state BETWEEN 5 AND 9), count(*) FILTER (WHERE state IN (8, 9)), count(*) FILTER (WHERE state = 7),
    count(*) FILTER (WHERE state = 10), count(*) FILTER (WHERE state = 13), coalesce(sum(segments) FILTER (WHERE state <> 10), 0),
    coalesce(sum(held_micros) FILTER (WHERE state <> 10), 0)
  FROM messages WHERE state IN (5, 6, 7, 8, 9, 10, 13) GROUP BY 1, 2, 3, 4;
INSERT INTO message_counts AS c (tenant_id, day, campaign_id, state, reason, code, messages, segments, micros)
  SELECT tenant_id, (uuid7_time(id) AT TIME ZONE 'UTC')::date, campaign_id, state, reason, code, 0, 0, sum(held_micros)
  FROM messages WHERE state IN (5, 6, 7, 8, 9, 13) AND held_micros <> 0 GROUP BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (tenant_id, day, campaign_id, state, reason, code) DO UPDATE SET micros = EXCLUDED.micros;

-- Who stopped and who came back, by time: a row for each, not for each consent.
CREATE INDEX consent_records_stops ON consent_records (tenant_id, at) INCLUDE (kind, number) WHERE kind IN ('suppressed', 'lifted');
