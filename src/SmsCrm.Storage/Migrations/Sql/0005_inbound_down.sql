ALTER TABLE inbound_texts DROP COLUMN media_count, DROP COLUMN media_types, DROP COLUMN media_urls;
