-- A row's version goes up whoever changes it, so that an update of an older copy is told from one of what is stored.
--
-- The condition is false for writers that raise the version themselves. SET strongroom.keep_versions = on is for
-- statements that fill columns without changing what a row says.

-- CreateFunction (by hand: Prisma does not model triggers, and leaves them alone)
CREATE FUNCTION raise_version_user() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

-- CreateTrigger
CREATE TRIGGER user_version BEFORE UPDATE ON "user"
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_user();

-- CreateFunction (by hand: Prisma does not model triggers, and leaves them alone)
CREATE FUNCTION raise_version_goal() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

-- CreateTrigger
CREATE TRIGGER goal_version BEFORE UPDATE ON goal
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_goal();

-- CreateFunction (by hand: Prisma does not model triggers, and leaves them alone)
CREATE FUNCTION raise_version_safe_account() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

-- CreateTrigger
CREATE TRIGGER safe_account_version BEFORE UPDATE ON safe_account
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_safe_account();

-- CreateFunction (by hand: Prisma does not model triggers, and leaves them alone)
CREATE FUNCTION raise_version_subscription() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('strongroom.keep_versions', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

-- CreateTrigger
CREATE TRIGGER subscription_version BEFORE UPDATE ON subscription
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION raise_version_subscription();
