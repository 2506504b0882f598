"""The functions that register objects, keep the log, approve and refuse."""

from typing import Final

from .guard_function import GuardFunction
from .guard_schema import RETIRED_SETTING

MAX_APPROVAL_CHARACTERS: Final = 1000
_BLANK: Final = (
    "(1, 32), (127, 160), (173, 173), (847, 847), (1536, 1541), (1564, 1564), (1757, 1757), (1807, 1807), "
    "(2192, 2193), (2274, 2274), (4447, 4448), (5760, 5760), (6068, 6069), (6158, 6158), (8192, 8207), "
    "(8232, 8239), (8287, 8292), (8294, 8303), (10240, 10240), (12288, 12288), (12644, 12644), "
    "(65279, 65279), (65440, 65440), (65529, 65531), (69821, 69821), (69837, 69837), (78896, 78904), "
    "(113824, 113827), (119155, 119162), (917505, 917505), (917536, 917631)"
)
"""Ranges of code points that show nothing: white space, controls, formats such as the zero-width space, fillers.

They are written out: computed, they would differ between versions of Python, and so would the function.
"""

_REGISTER: Final = """
BEGIN
    INSERT INTO strongroom_guard.owned AS known (class_id, object_id, schema, name, side)
    SELECT class, found.oid, coalesce(nspname, ''), found.name, of_side
    FROM (
        SELECT oid, relnamespace AS namespace, relname::text AS name
        FROM pg_catalog.pg_class
        WHERE class = 'pg_catalog.pg_class'::regclass
          AND (oid = object OR oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(object))
               OR oid IN (SELECT indexrelid FROM pg_catalog.pg_index
                          WHERE indrelid = object
                             OR indrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(object))))
        UNION ALL
        SELECT oid, typnamespace, typname FROM pg_catalog.pg_type
        WHERE class = 'pg_catalog.pg_type'::regclass AND oid = object
        UNION ALL
        SELECT oid, pronamespace, proname FROM pg_catalog.pg_proc
        WHERE class = 'pg_catalog.pg_proc'::regclass AND oid = object
        UNION ALL
        SELECT object, NULL, identity FROM pg_catalog.pg_identify_object(class, object, 0)
        WHERE class NOT IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass,
                            'pg_catalog.pg_proc'::regclass)
    ) AS found LEFT JOIN pg_catalog.pg_namespace ON pg_namespace.oid = found.namespace
    ON CONFLICT (class_id, object_id) DO UPDATE
    SET schema = excluded.schema, name = excluded.name, side = excluded.side
    WHERE (known.schema, known.name, known.side) <> (excluded.schema, excluded.name, excluded.side);
END
"""

_RECORD: Final = """
BEGIN
    INSERT INTO strongroom_guard.ddl_log
        (login, role, application, client, command, object_type, object, side, approval)
    VALUES (session_user, strongroom_guard.acting_role(), pg_catalog.current_setting('application_name'),
            pg_catalog.inet_client_addr(), command, object_type, object, of_side, strongroom_guard.approval());
END
"""

_APPROVAL: Final = """
BEGIN
    RETURN (SELECT reason FROM strongroom_guard.approval
            WHERE transaction = pg_catalog.pg_current_xact_id_if_assigned()
              AND began = pg_catalog.transaction_timestamp());
END
"""

_APPROVE: Final = f"""
DECLARE
    blank text;
    sentence text;
BEGIN
    IF reason IS NULL OR pg_catalog.octet_length(reason) > {4 * MAX_APPROVAL_CHARACTERS}
       OR pg_catalog.length(reason) > {MAX_APPROVAL_CHARACTERS} THEN
        RAISE EXCEPTION 'strongroom.toml: an approval is a sentence of up to {MAX_APPROVAL_CHARACTERS} characters: %',
            CASE WHEN reason IS NULL THEN 'this is NULL' ELSE 'this text is longer' END
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Say who agreed, and why.';
    END IF;
    SELECT pg_catalog.string_agg(pg_catalog.chr(code), '') INTO blank
    FROM (VALUES {_BLANK}) AS ranges (first, last), pg_catalog.generate_series(first, last) AS code
    WHERE code < 128 OR pg_catalog.getdatabaseencoding() = 'UTF8';
    sentence := pg_catalog.btrim(reason, blank);
    IF sentence = '' THEN
        RAISE EXCEPTION 'strongroom.toml: an approval is a sentence, and this text is blank'
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Say who agreed, and why.';
    END IF;
    INSERT INTO strongroom_guard.approval AS given (transaction, began, reason)
    VALUES (pg_catalog.pg_current_xact_id(), pg_catalog.transaction_timestamp(), sentence)
    ON CONFLICT (transaction, began) DO UPDATE SET reason = excluded.reason;
    PERFORM strongroom_guard.record('APPROVE', NULL, NULL, strongroom_guard.acting_side());
END
"""

_REFUSE: Final = f"""
BEGIN
    RAISE EXCEPTION 'strongroom.toml: %: % % the side "%", and % acts for the side "%"',
        command, object, problem, of_side, strongroom_guard.acting_role(), strongroom_guard.acting_side()
    USING ERRCODE = 'insufficient_privilege',
        HINT = pg_catalog.format(
            'Leave it to a migration of "%s"; or, agreed with its people, give the reason first in the same '
            'transaction, and strongroom_guard.ddl_log keeps it: SELECT strongroom_guard.approve(''…'')%s',
            of_side,
            CASE WHEN pg_catalog.current_setting('{RETIRED_SETTING}', true) <> ''
                 THEN '. The setting {RETIRED_SETTING} approves nothing: it could outlive its transaction' END);
END
"""

LOG_FUNCTIONS: Final = (
    GuardFunction("register", "class oid, object oid, of_side text", "void", _REGISTER, volatile=True),
    GuardFunction(
        "record", "command text, object_type text, object text, of_side text", "void", _RECORD, volatile=True
    ),
    GuardFunction("approval", "", "text", _APPROVAL),
    GuardFunction("approve", "reason text", "void", _APPROVE, volatile=True, for_sides=True),
    GuardFunction("refuse", "command text, object text, of_side text, problem text", "void", _REFUSE),
)
