-- Clicks in the tenants' feed. xid and seq: the place in the same order as message_events', so that one position serves all feeds.
--
-- What stands here already was clicked before anybody could ask to be told of it, and endpoints' position (webhook_feed) and those that
-- Watch handed out lie below this transaction: with its id the rows would all be told now, as if they happened today. So they get the
-- place (0, 0), which lies below every position: no transaction has the id 0. A constant default does not rewrite the table either, however long
-- it is; the defaults of a new row follow in a second step. The position of webhook_feed stays as it is, since nothing comes to lie before it.
ALTER TABLE link_hits
  ADD COLUMN xid xid8 NOT NULL DEFAULT '0',
  ADD COLUMN seq bigint NOT NULL DEFAULT 0;
ALTER TABLE link_hits
  ALTER COLUMN xid SET DEFAULT pg_current_xact_id(),
  ALTER COLUMN seq SET DEFAULT nextval('message_events_seq');
CREATE INDEX link_hits_feed ON link_hits (xid, seq);

-- Hits up to this transaction may be gone, removed when their time was over; a position of the feed below it is out of range. So may those before
-- kept_since, the begin of a quarter-hour: what was counted of them can't be counted again.
CREATE TABLE link_hit_floor (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  feed_floor xid8 NOT NULL DEFAULT '0',
  kept_since timestamptz NOT NULL DEFAULT '-infinity'
);

-- Quarter-hours that were counted and of which no hit is left were removed with their hits, and perhaps a part of the oldest that is left.
INSERT INTO link_hit_floor (kept_since)
  SELECT CASE WHEN counted.first < coalesce(kept.first, 'infinity') THEN coalesce(kept.first, counted.last) + interval '15 minutes' ELSE '-infinity' END
  FROM (SELECT min(quarter) AS first, max(quarter) AS last FROM link_counts) counted,
    (SELECT date_bin('15 minutes', min(at), '1970-01-01T00:00Z') AS first FROM link_hits WHERE flags & 1 = 0) kept;
