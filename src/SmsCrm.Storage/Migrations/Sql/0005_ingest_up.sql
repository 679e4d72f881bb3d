-- What campaigns are called, as the latest request that named one has it. named_by: that message's id.
CREATE TABLE campaign_names (
  tenant_id   uuid NOT NULL,
  campaign_id text NOT NULL,
  name        text NOT NULL,
  named_by    uuid NOT NULL,
  PRIMARY KEY (tenant_id, campaign_id)
);
