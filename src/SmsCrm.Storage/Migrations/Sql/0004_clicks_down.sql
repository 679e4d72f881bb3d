ALTER TABLE link_counts DROP COLUMN clickers;
DROP TABLE link_clickers;
DROP INDEX tenants_link_domain;
