-- The functions of triggers mean PostgreSQL's own names, whatever the search path of whoever writes.
--
-- They run with the writer's rights: what somebody else creates in that path would be called with them.

ALTER FUNCTION public.refuse_update() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION public.announce_nmt_position_valuation() SET search_path = pg_catalog, pg_temp;
