-- Pictures and other files that came with a text. They lie at the provider and are never fetched from here. media_count: as the provider says it;
-- media_types and media_urls: of each what kind it is and where it lies, '' where that is not known. A text that only the provider's list knows has none.
ALTER TABLE inbound_texts
  ADD COLUMN media_count smallint NOT NULL DEFAULT 0,
  ADD COLUMN media_types text[] NOT NULL DEFAULT '{}',
  ADD COLUMN media_urls text[] NOT NULL DEFAULT '{}',
  ADD CHECK (media_count BETWEEN 0 AND 100 AND cardinality(media_types) <= 10 AND cardinality(media_urls) = cardinality(media_types));
