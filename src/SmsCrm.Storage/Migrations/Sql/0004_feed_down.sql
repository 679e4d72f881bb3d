DROP TABLE link_hit_floor;
DROP INDEX link_hits_feed;
ALTER TABLE link_hits DROP COLUMN xid, DROP COLUMN seq;
