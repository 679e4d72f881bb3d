-- Messages accepted by the UTC quarter-hour of their ids, beside the events: kind 0. What there is already.
INSERT INTO event_counts (tenant_id, quarter, kind, events)
  SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0, count(*) FROM messages GROUP BY 1, 2;
