-- What a tenant manages. Writing rooms: Crm/Tenants (tenants, provider_accounts, senders), Crm/Access (api_keys).

CREATE TABLE tenants (
  id                  uuid PRIMARY KEY,
  name                text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  state               text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'suspended')),
  default_country     char(2) NOT NULL DEFAULT 'US',
  segments_per_second integer NOT NULL DEFAULT 1000 CHECK (segments_per_second BETWEEN 1 AND 100000),
  allows_evidence     boolean NOT NULL DEFAULT false,
  version             bigint NOT NULL DEFAULT 1,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE provider_accounts (
  id                  uuid PRIMARY KEY,
  tenant_id           uuid NOT NULL REFERENCES tenants,
  name                text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  account_sid         text NOT NULL CHECK (account_sid ~ '^AC[0-9a-f]{32}$'),
  auth_token_sealed   bytea NOT NULL,
  base_address        text NOT NULL,
  segments_per_second integer NOT NULL DEFAULT 1000 CHECK (segments_per_second BETWEEN 1 AND 100000),
  max_concurrency     integer NOT NULL DEFAULT 64 CHECK (max_concurrency BETWEEN 1 AND 1000),
  state               text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'halted')),
  halted_reason       text,
  version             bigint NOT NULL DEFAULT 1,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, account_sid)
);

CREATE TABLE senders (
  id                  uuid PRIMARY KEY,
  tenant_id           uuid NOT NULL REFERENCES tenants,
  account_id          uuid NOT NULL REFERENCES provider_accounts,
  address             text NOT NULL CHECK (length(address) BETWEEN 1 AND 16),
  kind                text NOT NULL CHECK (kind IN ('long_code', 'toll_free', 'short_code', 'alphanumeric')),
  pool                text NOT NULL DEFAULT 'default' CHECK (length(pool) BETWEEN 1 AND 64),
  segments_per_second integer NOT NULL CHECK (segments_per_second BETWEEN 1 AND 10000),
  state               text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
  version             bigint NOT NULL DEFAULT 1,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, address)
);

-- A key is shown once; what is stored is its SHA-256. tenant_id NULL: an operator's.
CREATE TABLE api_keys (
  id          uuid PRIMARY KEY,
  tenant_id   uuid REFERENCES tenants,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  prefix      text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);

-- Raised by every change of tenants, provider_accounts and senders, in the same transaction: caches compare it.
CREATE TABLE settings_version (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), version bigint NOT NULL);
INSERT INTO settings_version (version) VALUES (1);
