-- A row's version goes up whoever changes it, so that an update of an older copy is told from one of what is stored.
--
-- The condition is false for writers that raise the version themselves. SET strongroom.keep_versions = on is for
-- statements that fill columns without changing what a row says.

CREATE FUNCTION raise_version_nmt_pool() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nmt_pool_version BEFORE UPDATE ON nmt_pool
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_nmt_pool();

CREATE FUNCTION raise_version_nmt_position() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nmt_position_version BEFORE UPDATE ON nmt_position
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_nmt_position();

CREATE FUNCTION raise_version_indexer_checkpoint() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER indexer_checkpoint_version BEFORE UPDATE ON indexer_checkpoint
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_indexer_checkpoint();
