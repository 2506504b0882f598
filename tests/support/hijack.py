"""A neighbour who answers every name: functions, operators, casts, types and relations that are not PostgreSQL's own.

In a schema of the search path it creates one with the very arguments of each that PostgreSQL has itself, and puts the
schema before pg_catalog. So a name that is left to a search path that it can write to is resolved to its own.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
from attrs import field, frozen

WORD: Final = "HIJACKED"
PARTS: Final = "neighbours_parts"
"""The schema of the functions that the neighbour's operators and aggregates are made of."""
_ANSWER: Final = f"BEGIN RAISE WARNING USING MESSAGE = ''{WORD} %s''; RETURN NULL; END"
_USABLE: Final = """
    (typtype <> 'p' OR typname IN (
        'anyelement', 'anyarray', 'anynonarray', 'anyenum', 'anyrange', 'anymultirange', 'anycompatible', 'record',
        'anycompatiblearray', 'anycompatiblenonarray', 'anycompatiblerange', 'anycompatiblemultirange'))
"""
"""What a function in PL/pgSQL can take and return."""
_ALL_USABLE: Final = f"""
    NOT EXISTS (SELECT FROM unnest(proargtypes::oid[] || coalesce(proallargtypes, '{{}}') || prorettype) AS used
                JOIN pg_type ON pg_type.oid = used WHERE NOT ({_USABLE} OR used = prorettype AND typname = 'void'))
"""
_FUNCTIONS: Final = f"""
    SELECT format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', proname,
                  pg_get_function_arguments(oid), pg_get_function_result(oid),
                  replace(format('{_ANSWER}', oid::regprocedure), 'RETURN NULL',
                          CASE WHEN proretset OR prorettype = 'void'::regtype OR proargmodes IS NOT NULL
                               THEN 'RETURN' ELSE 'RETURN NULL' END))
    FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'w') AND {_ALL_USABLE}
"""
_OF_ANY: Final = f"""
    SELECT format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', proname, given,
                  pg_get_function_result(oid), format('{_ANSWER}', oid::regprocedure))
    FROM pg_proc, unnest(ARRAY[
        'anyelement', 'anyelement, anycompatible', 'text, anyelement', 'text, anyelement, anycompatible',
        'text, anyelement, text, anycompatible, text, anycompatible'
    ]) AS given
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND '"any"'::regtype = ANY (proargtypes)
    AND prorettype NOT IN (SELECT oid FROM pg_type WHERE typtype = 'p')
"""
_CONCRETE: Final = ("text", "oid", "bigint", "uuid", "numeric", "timestamptz", "public.coin_standard")
"""Types that the neighbour's functions take where PostgreSQL's take any: they fit a call better, and are preferred."""


def _of_concrete(text: str) -> str:
    """Return the SQL of a signature in which ``concrete`` stands for whatever polymorphic types it has."""
    arrays = f"regexp_replace({text}, '\\many(compatible)?array\\M', concrete || '[]', 'g')"
    return f"regexp_replace({arrays}, '\\many(element|nonarray|enum|compatible|compatiblenonarray)\\M', concrete, 'g')"


_IS_POLYMORPHIC: Final = "~ '\\many(element|array|nonarray|enum|compatible|compatiblearray|compatiblenonarray)\\M'"
_CONCRETES: Final = f"unnest('{{{', '.join(_CONCRETE)}}}'::text[]) AS concrete"
_CONCRETE_FUNCTIONS: Final = f"""
    SELECT format('CREATE OR REPLACE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', proname, given, result,
                  replace(format('{_ANSWER}', format('%s of %s', oid::regprocedure, concrete)), 'RETURN NULL',
                          CASE WHEN proretset OR prorettype = 'void'::regtype THEN 'RETURN' ELSE 'RETURN NULL' END))
    FROM pg_proc, {_CONCRETES}, {_of_concrete("pg_get_function_arguments(pg_proc.oid)")} AS given,
         {_of_concrete("pg_get_function_result(pg_proc.oid)")} AS result
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'w') AND {_ALL_USABLE}
    AND proargmodes IS NULL AND pg_get_function_arguments(oid) {_IS_POLYMORPHIC} AND given !~ '\\many'
"""
_AGGREGATES: Final = f"""
    SELECT format(
        'CREATE FUNCTION {PARTS}.step_%1$s(%2$s) RETURNS text LANGUAGE plpgsql AS %3$L;'
        'CREATE FUNCTION {PARTS}.end_%1$s(%2$s) RETURNS %4$s LANGUAGE plpgsql AS %3$L;'
        'CREATE AGGREGATE public.%5$I(%6$s) (sfunc = {PARTS}.step_%1$s, stype = text,'
        'finalfunc = {PARTS}.end_%1$s, finalfunc_extra)',
        oid, concat_ws(', ', 'text', nullif(given, '')), format('{_ANSWER}', oid::regprocedure),
        pg_get_function_result(oid), proname, coalesce(nullif(given, ''), '*'))
    FROM (SELECT *, replace(pg_get_function_arguments(oid), '"any"', 'anyelement') AS given FROM pg_proc) AS aggregate
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'a'
    AND oid IN (SELECT aggfnoid FROM pg_aggregate WHERE aggkind = 'n')
    AND ({_ALL_USABLE} OR '"any"'::regtype = ANY (proargtypes) AND pronargs = 1)
"""
_AGGREGATED: Final = """replace(pg_get_function_arguments(pg_proc.oid), '"any"', 'anyelement')"""
_CONCRETE_AGGREGATES: Final = f"""
    SELECT format(
        'CREATE FUNCTION {PARTS}.step_%1$s_%7$s(%2$s) RETURNS text LANGUAGE plpgsql AS %3$L;'
        'CREATE FUNCTION {PARTS}.end_%1$s_%7$s(%2$s) RETURNS %4$s LANGUAGE plpgsql AS %3$L;'
        'CREATE AGGREGATE public.%5$I(%6$s) (sfunc = {PARTS}.step_%1$s_%7$s, stype = text,'
        'finalfunc = {PARTS}.end_%1$s_%7$s, finalfunc_extra)',
        oid, 'text, ' || given, format('{_ANSWER}', format('%s of %s', oid::regprocedure, concrete)), result, proname,
        given, replace(concrete, '.', '_'))
    FROM pg_proc, {_CONCRETES},
         {_of_concrete(_AGGREGATED)} AS given,
         {_of_concrete("pg_get_function_result(pg_proc.oid)")} AS result
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'a' AND given !~ '\\many'
    AND oid IN (SELECT aggfnoid FROM pg_aggregate WHERE aggkind = 'n')
    AND {_AGGREGATED} {_IS_POLYMORPHIC}
    AND to_regprocedure(format('pg_catalog.%I(%s)', proname, given)) IS NULL
"""
_CONCRETE_OPERATORS: Final = f"""
    SELECT format(
        'CREATE FUNCTION {PARTS}.operator_%1$s_%7$s(%2$s) RETURNS %3$s LANGUAGE plpgsql AS %4$L;'
        'CREATE OPERATOR public.%5$s (%6$s FUNCTION = {PARTS}.operator_%1$s_%7$s)',
        oid, concat_ws(', ', given_left, given_right), result,
        format('{_ANSWER}', format('%s of %s', oid::regoperator, concrete)), oprname,
        concat('LEFTARG = ' || given_left || ', ', 'RIGHTARG = ' || given_right || ', '), replace(concrete, '.', '_'))
    FROM pg_operator, {_CONCRETES}, {_of_concrete("oprleft::regtype::text")} AS given_left,
         {_of_concrete("oprright::regtype::text")} AS given_right, {_of_concrete("oprresult::regtype::text")} AS result
    WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprleft <> 0
    AND concat_ws(' ', oprleft::regtype, oprright::regtype) {_IS_POLYMORPHIC}
    AND concat_ws(' ', given_left, given_right) !~ '\\many'
    AND to_regoperator(format('pg_catalog.%s(%s, %s)', oprname, given_left, given_right)) IS NULL
"""
_OPERATORS: Final = f"""
    SELECT format(
        'CREATE FUNCTION {PARTS}.operator_%1$s(%2$s) RETURNS %3$s LANGUAGE plpgsql AS %4$L;'
        'CREATE OPERATOR public.%5$s (%6$s FUNCTION = {PARTS}.operator_%1$s)',
        oid, concat_ws(', ', nullif(oprleft, 0)::regtype, oprright::regtype), oprresult::regtype,
        format('{_ANSWER}', oid::regoperator), oprname,
        concat('LEFTARG = ' || nullif(oprleft, 0)::regtype || ', ', 'RIGHTARG = ' || oprright::regtype || ', '))
    FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_type WHERE oid IN (oprleft, oprright, oprresult) AND NOT {_USABLE})
"""
_CASTS: Final = f"""
    SELECT format(
        'CREATE FUNCTION {PARTS}.into_%1$s(text) RETURNS public.%2$I LANGUAGE plpgsql AS %3$L;'
        'CREATE FUNCTION {PARTS}.from_%1$s(public.%2$I) RETURNS text LANGUAGE plpgsql AS %3$L;'
        'CREATE CAST (text AS public.%2$I) WITH FUNCTION {PARTS}.into_%1$s(text) AS ASSIGNMENT;'
        'CREATE CAST (public.%2$I AS text) WITH FUNCTION {PARTS}.from_%1$s(public.%2$I) AS ASSIGNMENT',
        oid, typname, format('{_ANSWER}', 'a cast of ' || typname))
    FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
"""
_TYPES: Final = f"""
    SELECT format(
        'CREATE FUNCTION {PARTS}.is_%1$s(pg_catalog.%2$I) RETURNS boolean LANGUAGE plpgsql AS %3$L;'
        'CREATE DOMAIN public.%2$I AS pg_catalog.%2$I CHECK ({PARTS}.is_%1$s(VALUE))',
        oid, typname, format('{_ANSWER}', 'the type ' || typname))
    FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typcategory <> 'A'
    AND oid IN (SELECT atttypid FROM pg_attribute)
"""
_RELATIONS: Final = """
    SELECT format('CREATE VIEW public.%1$I AS SELECT %2$s FROM pg_catalog.%1$I', relname, (
        SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
        WHERE attrelid = pg_class.oid AND attnum > 0 AND typtype <> 'p'))
    FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')
    AND has_table_privilege('public', oid, 'SELECT')
"""
KINDS: Final = {
    "function": (_FUNCTIONS, _OF_ANY, _CONCRETE_FUNCTIONS),
    "aggregate": (_AGGREGATES, _CONCRETE_AGGREGATES),
    "operator": (_OPERATORS, _CONCRETE_OPERATORS),
    "cast": (_CASTS,),
    "relation": (_RELATIONS,),
    "type": (_TYPES,),
}
_PREPARE: Final = f"""
    SET check_function_bodies = off;
    GRANT CREATE, USAGE ON SCHEMA public TO {{neighbour}}, {{victim}};
    CREATE SCHEMA {PARTS} AUTHORIZATION {{neighbour}};
    GRANT USAGE ON SCHEMA {PARTS} TO {{victim}};
    DO $$
    DECLARE part text;
    BEGIN
        FOR part IN
            SELECT format('ALTER %s %s OWNER TO {{victim}}',
                          CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, oid::regclass)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')
            UNION ALL
            SELECT format('ALTER FUNCTION %s OWNER TO {{victim}}', oid::regprocedure)
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT format('ALTER TYPE %s OWNER TO {{neighbour}}', oid::regtype)
            FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
        LOOP
            EXECUTE part;
        END LOOP;
    END $$
"""


async def move_in(url: str, neighbour: str, victim: str) -> dict[str, int]:
    """Let the neighbour into a database by a role, and return how many names of each kind it answers there.

    What is ours there comes to belong to the victim, who may call nothing of the neighbour's: PostgreSQL refuses a
    statement that names it, whether or not a row would have it called. Whoever is a superuser is warned when it is.
    """
    connection = await asyncpg.connect(url, server_settings={"search_path": "pg_catalog"})
    made: dict[str, int] = {}
    try:
        await connection.execute(_PREPARE.format(victim=victim, neighbour=neighbour))
        for kind, queries in KINDS.items():
            statements = [statement for query in queries for (statement,) in await connection.fetch(query)]
            made[kind] = len(statements)
            await connection.execute("; ".join([f"SET ROLE {neighbour}", *statements, "RESET ROLE"]))
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(
            f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public, {PARTS} FROM PUBLIC;"
            f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'
        )
    finally:
        await connection.close()
    return made


@frozen
class Recorder:
    """What the neighbour answered, each with the statement that asked it, and how often each statement ran."""

    answered: set[tuple[str, str]] = field(factory=set)
    statements: Counter[str] = field(factory=Counter)

    def hear(self, fields: dict[str, str], query: str) -> None:
        """Note a warning of the neighbour's."""
        if fields.get("M", "").startswith(WORD):
            self.answered.add((fields["M"], query))

    def note(self, query: Any) -> None:
        """Note a statement, and its refusal for what the victim may not call."""
        self.statements[query.query] += 1
        if isinstance(query.exception, asyncpg.InsufficientPrivilegeError) and "denied for" in str(query.exception):
            self.answered.add((str(query.exception), query.query))


@contextmanager
def recording() -> Iterator[Recorder]:
    """Hear every connection that this process opens."""
    recorder = Recorder()
    driver: Any = asyncpg.connection.Connection
    begin, process = driver.__init__, driver._process_log_message

    def begin_and_log(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        self.add_query_logger(recorder.note)

    driver.__init__, driver._process_log_message = begin_and_log, recorder.hear
    try:
        yield recorder
    finally:
        driver.__init__, driver._process_log_message = begin, process
