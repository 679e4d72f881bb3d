-- Who clicked for the first time.

-- Messages of which a person followed a link, with the first such hit (by its time, not by when it was written). Written with the hits, in one
-- statement, and kept as long as a hit of theirs is, and as their links can be followed. was: the time that stood here before an earlier hit came;
-- a statement that moves a message from one quarter-hour to another reads it.
CREATE TABLE link_clickers (
  message_id  uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  campaign_id text NOT NULL,
  at          timestamptz NOT NULL,
  was         timestamptz
);

-- clickers: of the messages above, those whose first hit was in the quarter-hour.
ALTER TABLE link_counts ADD COLUMN clickers bigint NOT NULL DEFAULT 0;

INSERT INTO link_clickers (message_id, tenant_id, campaign_id, at)
  SELECT DISTINCT ON (message_id) message_id, tenant_id, campaign_id, at FROM link_hits WHERE flags = 0 ORDER BY message_id, at;

INSERT INTO link_counts AS c (tenant_id, campaign_id, quarter, raw, human, clickers)
  SELECT tenant_id, campaign_id, date_bin('15 minutes', at, '1970-01-01T00:00Z'), 0, 0, count(*) FROM link_clickers GROUP BY 1, 2, 3
  ON CONFLICT (tenant_id, quarter, campaign_id) DO UPDATE SET clickers = EXCLUDED.clickers;

-- A tenant's domain leads to its own links alone; where two tenants have the same, one of them is to choose another before this runs.
CREATE UNIQUE INDEX tenants_link_domain ON tenants (link_domain) WHERE link_domain <> '';
