ALTER TABLE link_counts DROP COLUMN clickers;
DROP TABLE link_clickers;
