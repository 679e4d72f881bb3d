-- The lowest UUIDv7 of a millisecond: the bound of a partition by id.
CREATE FUNCTION uuid7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- The millisecond in which a UUIDv7 was minted.
CREATE FUNCTION uuid7_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_timestamp(('x' || lpad(translate(left(id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint / 1000.0)
$$;

-- Makes one partition. Made apart and then attached: CREATE ... PARTITION OF would lock out every reader and writer of the parent.
CREATE FUNCTION make_partition(parent text, name text, low text, high text, settings text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN 0;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)%s', name, parent, settings);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, low, high);
  RETURN 1;
END $$;

-- Makes the partitions from one day to another, both included; what is there already is left alone.
-- messages and message_events by day; claims by hour, up to two days from now.
CREATE FUNCTION make_partitions(first_day date, last_day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  d date; h timestamptz; made integer := 0; day_start timestamptz; next_start timestamptz;
BEGIN
  FOR d IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    day_start := d::timestamp AT TIME ZONE 'UTC';
    next_start := (d + 1)::timestamp AT TIME ZONE 'UTC';
    made := made + make_partition('messages', 'messages_' || to_char(d, 'YYYYMMDD'),
      uuid7_floor(day_start)::text, uuid7_floor(next_start)::text, ' WITH (fillfactor = 50)');
    made := made + make_partition('message_events', 'message_events_' || to_char(d, 'YYYYMMDD'), day_start::text, next_start::text, '');
    IF d <= (now() AT TIME ZONE 'UTC')::date + 2 THEN
      FOR h IN SELECT generate_series(day_start, day_start + interval '23 hours', interval '1 hour') LOOP
        made := made + make_partition('claims', 'claims_' || to_char(h AT TIME ZONE 'UTC', 'YYYYMMDDHH24'),
          h::text, (h + interval '1 hour')::text, '');
      END LOOP;
    END IF;
  END LOOP;
  RETURN made;
END $$;
