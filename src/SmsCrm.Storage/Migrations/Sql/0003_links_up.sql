-- Short links, and who followed them.

-- The host that a tenant's short links stand on; empty: the installation's (SmsCrm:Links:BaseUrl).
ALTER TABLE tenants ADD COLUMN link_domain text NOT NULL DEFAULT '' CHECK (length(link_domain) <= 253);

-- Written with a message's first row, and again (which changes nothing) with its claims: before a text goes out, its links stand here.
CREATE TABLE links (
  code        text COLLATE "C" PRIMARY KEY,
  message_id  uuid NOT NULL,
  tenant_id   uuid NOT NULL,
  campaign_id text NOT NULL,
  placeholder text NOT NULL,
  url         text NOT NULL,
  expires_at  timestamptz NOT NULL
);

-- Small, and enough to find what is over: links are written about in the order in which they end.
CREATE INDEX links_expiry ON links USING brin (expires_at) WITH (autosummarize = on);

-- Every time that a link was followed, under an id (UUIDv7) drawn at the redirect. Neither address nor user agent is kept. flags: why it was
-- no person; 1 HEAD, 2 a program's user agent, 4 fetched ahead, 8 too soon after the text, 16 many from one address. 0: a person, as far as we know.
CREATE TABLE link_hits (
  id          uuid PRIMARY KEY,
  message_id  uuid NOT NULL,
  tenant_id   uuid NOT NULL,
  campaign_id text NOT NULL,
  placeholder text NOT NULL,
  at          timestamptz NOT NULL,
  flags       smallint NOT NULL
);
CREATE INDEX link_hits_message ON link_hits (message_id, id);

-- Clicks by the UTC quarter-hour, so that any zone's day is a sum of them. raw: all but HEAD; human: those without a flag.
CREATE TABLE link_counts (
  tenant_id   uuid NOT NULL,
  campaign_id text NOT NULL,
  quarter     timestamptz NOT NULL,
  raw         bigint NOT NULL,
  human       bigint NOT NULL,
  PRIMARY KEY (tenant_id, quarter, campaign_id)
);
