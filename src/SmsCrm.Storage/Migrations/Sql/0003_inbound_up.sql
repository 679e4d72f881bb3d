-- ── Accounts (Crm/Tenants) ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- The token before the last change: callbacks that are signed with it stay good for a while.
ALTER TABLE provider_accounts
  ADD COLUMN previous_token_sealed bytea,
  ADD COLUMN previous_token_until timestamptz,
  ADD CHECK ((previous_token_sealed IS NULL) = (previous_token_until IS NULL));

-- What a tenant answers to a HELP, STOP or START beyond what the provider answers itself. keyword as in inbound_texts.
CREATE TABLE inbound_answers (
  tenant_id  uuid NOT NULL REFERENCES tenants,
  keyword    smallint NOT NULL CHECK (keyword BETWEEN 1 AND 3),
  answer     text NOT NULL CHECK (length(answer) BETWEEN 1 AND 1600),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, keyword)
);

-- ── Receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- reply_to, reply_campaign: the last text from that sender to that number before it. xid and seq: the place in the same order as
-- message_events', so that one position serves both feeds.
ALTER TABLE inbound_texts
  ADD COLUMN reply_to uuid,
  ADD COLUMN reply_campaign text NOT NULL DEFAULT '',
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD COLUMN seq bigint NOT NULL DEFAULT nextval('message_events_seq');
CREATE INDEX inbound_texts_feed ON inbound_texts (xid, seq);
DROP INDEX inbound_texts_conversation;
CREATE INDEX inbound_texts_conversation ON inbound_texts (tenant_id, number, received_at, sid);

-- Wishes to stop in words of their own: suppressed at once, and for somebody to read. state: 0 open, 1 confirmed, 2 lifted. consent_id: the
-- evidence of the suppression that it made.
CREATE TABLE inbound_reviews (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL,
  number     bigint NOT NULL,
  sid        uuid NOT NULL,
  sid_kind   "char" NOT NULL,
  to_address text NOT NULL,
  body       text NOT NULL,
  state      smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
  consent_id bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  decided_at timestamptz,
  decided_by text,
  CHECK ((state = 0) = (decided_at IS NULL) AND (state = 0) = (decided_by IS NULL))
);
CREATE INDEX inbound_reviews_tenant ON inbound_reviews (tenant_id, state, id);
CREATE INDEX inbound_reviews_recipient ON inbound_reviews (tenant_id, number);
