-- The function of the trigger means PostgreSQL's own names, whatever the search path of whoever writes.

-- AlterFunction
ALTER FUNCTION "public"."announce_messages"() SET search_path = pg_catalog, pg_temp;
