-- The promises: money, consent and windows, cancellations, evidence, inbound texts, and who changed what.

-- ── Crm ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- weight: share of the tenant's traffic among its accounts; 0: only when no other one can.
ALTER TABLE provider_accounts ADD COLUMN weight smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 100);

-- weight: share of its pool. countries: ISO 3166-1 alpha-2 that it may text; empty: what its kind allows.
ALTER TABLE senders ADD COLUMN weight smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100);
ALTER TABLE senders ADD COLUMN countries text[] NOT NULL DEFAULT '{}' CHECK (cardinality(countries) <= 250);
ALTER TABLE senders ADD COLUMN blocked_reason text;

-- A tenant's gate settings: a document that Messages/TenantRules reads and writes. Its version is kept with every verdict.
CREATE TABLE gate_settings (
  tenant_id  uuid PRIMARY KEY REFERENCES tenants,
  settings   jsonb NOT NULL,
  version    bigint NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- What a segment to a country costs, in millionths of the currency's unit. tenant_id zero: for everybody; country '**': any other.
CREATE TABLE country_rates (
  tenant_id      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  country        char(2) NOT NULL,
  segment_micros bigint NOT NULL CHECK (segment_micros BETWEEN 0 AND 100000000),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, country)
);
INSERT INTO country_rates (country, segment_micros) VALUES ('US', 8300), ('CA', 8300), ('PR', 8300), ('**', 100000);

-- Limits of money: campaign_id '' is the whole tenant's. What is used stands in budget_use.
CREATE TABLE budgets (
  id           uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants,
  campaign_id  text NOT NULL DEFAULT '' CHECK (length(campaign_id) <= 64),
  limit_micros bigint NOT NULL CHECK (limit_micros BETWEEN 0 AND 1000000000000000),
  currency     char(3) NOT NULL DEFAULT 'USD',
  version      bigint NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, campaign_id)
);

-- Only what is not active needs a row: a campaign is an id that requests carry.
CREATE TABLE campaigns (
  tenant_id  uuid NOT NULL REFERENCES tenants,
  id         text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
  version    bigint NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX campaigns_paused ON campaigns (tenant_id, id) WHERE state = 'paused';

-- Who changed what, with before and after; written by the transaction that makes the change. Secrets never stand here.
CREATE TABLE changes (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid,
  at        timestamptz NOT NULL DEFAULT now(),
  actor     text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
  action    text NOT NULL,
  subject   text NOT NULL,
  before    jsonb,
  after     jsonb
);
CREATE INDEX changes_tenant ON changes (tenant_id, id);
CREATE INDEX changes_subject ON changes (tenant_id, subject, id);

-- ── Suppression ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Consent by purpose: 0 nothing known, 1 given, 2 revoked. time_zone: IANA. region: ISO 3166-2 (US-TX), the postal state.
ALTER TABLE recipients
  ADD COLUMN marketing_consent smallint NOT NULL DEFAULT 0 CHECK (marketing_consent BETWEEN 0 AND 2),
  ADD COLUMN marketing_consent_at timestamptz,
  ADD COLUMN marketing_consent_source text,
  ADD COLUMN transactional_consent smallint NOT NULL DEFAULT 0 CHECK (transactional_consent BETWEEN 0 AND 2),
  ADD COLUMN transactional_consent_at timestamptz,
  ADD COLUMN transactional_consent_source text,
  ADD COLUMN time_zone text,
  ADD COLUMN region text;
ALTER TABLE recipients DROP CONSTRAINT recipients_pkey;
ALTER TABLE recipients ADD PRIMARY KEY (tenant_id, number) INCLUDE (suppressed_at, lifted_at, marketing_consent, marketing_consent_at,
  marketing_consent_source, transactional_consent, transactional_consent_at, transactional_consent_source, time_zone, region);

-- Numbers that nobody may text from here.
CREATE TABLE platform_suppressions (
  number        bigint PRIMARY KEY,
  suppressed_at timestamptz NOT NULL,
  lifted_at     timestamptz,
  source        text NOT NULL
);

-- Consent as evidence: append-only, one row for each time it was given or revoked, suppression and lifting included.
CREATE TABLE consent_records (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  number      bigint NOT NULL,
  purpose     smallint NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('given', 'revoked', 'suppressed', 'lifted')),
  at          timestamptz NOT NULL,
  source      text NOT NULL,
  wording     text,
  detail      jsonb,
  actor       text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX consent_records_recipient ON consent_records (tenant_id, number, id);

-- ── Receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Inbound texts under the provider's sid: a keyword acts only in the transaction whose insert inserted. keyword: 0 none, 1 stop, 2 help,
-- 3 start, 4 for review. found_by: 1 webhook, 2 the provider's list.
CREATE TABLE inbound_texts (
  sid          uuid NOT NULL,
  sid_kind     "char" NOT NULL,
  tenant_id    uuid NOT NULL,
  account_id   uuid NOT NULL,
  number       bigint NOT NULL,
  to_address   text NOT NULL,
  body         text NOT NULL,
  keyword      smallint NOT NULL DEFAULT 0,
  found_by     smallint NOT NULL,
  provider_at  timestamptz,
  received_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sid, sid_kind, tenant_id)
);
CREATE INDEX inbound_texts_conversation ON inbound_texts (tenant_id, number, received_at);
CREATE INDEX inbound_texts_received ON inbound_texts (tenant_id, received_at);

-- How far each account's inbound list was read.
CREATE TABLE inbound_marks (account_id uuid PRIMARY KEY, read_until timestamptz NOT NULL);

-- ── Ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- content_hash: first 8 bytes of the body's SHA-256. claimed_at: of the last claim. held_micros: what the last claim estimated; whether it
-- is held, spent or neither follows from the state alone. budget_id is the tenant's budget, campaign_budget_id the campaign's.
ALTER TABLE messages
  ADD COLUMN content_hash bigint NOT NULL DEFAULT 0,
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN campaign_budget_id uuid;

-- Bit 30 of seen: an attempt ended by evidence. Its hold then lasts while the message waits (state 2) too.
INSERT INTO reconciler_marks VALUES ('evidence', '-infinity');

-- A claim locks its budgets' rows here, never waiting, and holds by updating them. What settles a hold inserts a delta, which waits for
-- nobody; the folder adds them up. Held and spent are row plus deltas.
CREATE TABLE budget_use (
  budget_id    uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL,
  held_micros  bigint NOT NULL DEFAULT 0,
  spent_micros bigint NOT NULL DEFAULT 0
);
CREATE TABLE budget_deltas (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  budget_id    uuid NOT NULL,
  held_micros  bigint NOT NULL,
  spent_micros bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX budget_deltas_budget ON budget_deltas (budget_id);

-- A budget's use is there as soon as the budget is: a claim that had to insert it would wait for another one.
CREATE FUNCTION budget_use_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO budget_use (budget_id, tenant_id) VALUES (NEW.id, NEW.tenant_id);
  RETURN NULL;
END $$;
CREATE TRIGGER budget_use_begins AFTER INSERT ON budgets FOR EACH ROW EXECUTE FUNCTION budget_use_begins();

-- What waits, of every tenant: ingest asks once a second.
CREATE INDEX message_counts_waiting ON message_counts (tenant_id) INCLUDE (messages) WHERE state <= 4 AND messages <> 0;

-- Cancelled at once for everything accepted up to covers_until: kind 1 a tenant, 2 a campaign, 3 a recipient.
CREATE TABLE cancellations (
  id           uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL,
  kind         smallint NOT NULL CHECK (kind BETWEEN 1 AND 3),
  campaign_id  text NOT NULL DEFAULT '',
  number       bigint NOT NULL DEFAULT 0,
  covers_until timestamptz NOT NULL,
  actor        text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cancellations_target ON cancellations (tenant_id, kind, campaign_id, number, covers_until);
