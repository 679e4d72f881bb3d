DROP TABLE link_counts;
DROP TABLE link_hits;
DROP TABLE links;
ALTER TABLE tenants DROP COLUMN link_domain;
