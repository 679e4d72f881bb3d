DROP TABLE inbound_reviews, inbound_answers;
DROP INDEX inbound_texts_feed, inbound_texts_conversation;
ALTER TABLE inbound_texts DROP COLUMN reply_to, DROP COLUMN reply_campaign, DROP COLUMN xid, DROP COLUMN seq;
CREATE INDEX inbound_texts_conversation ON inbound_texts (tenant_id, number, received_at);
ALTER TABLE provider_accounts DROP COLUMN previous_token_sealed, DROP COLUMN previous_token_until;
