-- Tells of new valuations once they are committed, in payloads that stay under NOTIFY's limit of 8000 bytes.

-- Every payload is another one (its id says so), for PostgreSQL folds equal ones within a transaction.
CREATE FUNCTION announce_nmt_position_valuation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    announced json;
BEGIN
    FOR announced IN
        SELECT json_agg(json_build_array(position_id, at AT TIME ZONE 'UTC') ORDER BY place)
        FROM (SELECT position_id, at, row_number() OVER () AS place FROM inserted) AS numbered
        GROUP BY (place - 1) / 80 ORDER BY (place - 1) / 80
    LOOP
        PERFORM pg_notify(
            'strongroom_changes',
            json_build_object('table', TG_TABLE_NAME, 'rows', announced, 'id', gen_random_uuid())::text
        );
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER nmt_position_valuation_announce AFTER INSERT ON nmt_position_valuation
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION announce_nmt_position_valuation();
