-- Tells the backend of new messages once they are committed, in payloads that stay under NOTIFY's limit of 8000 bytes.

-- Every payload is another one (its id says so), for PostgreSQL folds equal ones within a transaction.
-- CreateFunction
CREATE FUNCTION "announce_messages"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    announced json;
BEGIN
    FOR announced IN
        SELECT json_agg(json_build_array(chat_id, id) ORDER BY place)
        FROM (SELECT chat_id, id, row_number() OVER () AS place FROM inserted) AS numbered
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

-- CreateTrigger
CREATE TRIGGER "messages_announce" AFTER INSERT ON "messages"
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION "announce_messages"();
