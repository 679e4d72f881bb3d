-- The lowest UUIDv7 of a millisecond: the bound of a partition by id.
CREATE FUNCTION uuid7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- The millisecond in which a UUIDv7 was minted.
CREATE FUNCTION uuid7_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_timestamp(('x' || lpad(translate(left(id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint / 1000.0)
$$;

-- Makes the partitions from one day to another, both included; what is there already is left alone.
-- messages and message_events by day, claims by hour for the first three days of the span that lie ahead.
CREATE FUNCTION make_partitions(first_day date, last_day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  d date; h timestamptz; made integer := 0; name text;
  day_start timestamptz; next_start timestamptz;
BEGIN
  FOR d IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    day_start := d::timestamp AT TIME ZONE 'UTC';
    next_start := (d + 1)::timestamp AT TIME ZONE 'UTC';
    name := 'messages_' || to_char(d, 'YYYYMMDD');
    IF to_regclass(name) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF messages FOR VALUES FROM (%L) TO (%L) WITH (fillfactor = 50)',
                     name, uuid7_floor(day_start), uuid7_floor(next_start));
      made := made + 1;
    END IF;
    name := 'message_events_' || to_char(d, 'YYYYMMDD');
    IF to_regclass(name) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF message_events FOR VALUES FROM (%L) TO (%L)', name, day_start, next_start);
      made := made + 1;
    END IF;
    IF d <= least(first_day + 3, last_day) OR d <= (now() AT TIME ZONE 'UTC')::date + 2 THEN
      FOR h IN SELECT generate_series(day_start, day_start + interval '23 hours', interval '1 hour') LOOP
        name := 'claims_' || to_char(h AT TIME ZONE 'UTC', 'YYYYMMDDHH24');
        IF to_regclass(name) IS NULL THEN
          EXECUTE format('CREATE TABLE %I PARTITION OF claims FOR VALUES FROM (%L) TO (%L)', name, h, h + interval '1 hour');
          made := made + 1;
        END IF;
      END LOOP;
    END IF;
  END LOOP;
  RETURN made;
END $$;
