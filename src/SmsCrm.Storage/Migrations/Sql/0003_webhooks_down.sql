DROP TABLE webhook_feed, webhook_attempts, webhook_deliveries, webhook_endpoints;
