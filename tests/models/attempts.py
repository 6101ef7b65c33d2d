"""What somebody could try against the trail by SQL of his own, sorted by whom it must not help.

The table is that of the threat model: guards refuse everybody's statements on rows; only a privilege refuses a change
of the schema, so the owner and a superuser get that far, and a checkpoint kept elsewhere has to show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tests.models.guard_cases import leaf

Attempts: TypeAlias = Mapping[str, str]

_NEXT = "(SELECT MAX(seq) + 1 FROM log_leaf)"
_COLUMNS = "INSERT OR REPLACE INTO log_leaf (seq, scope, iseq, body, leaf_hash)"

ON_ROWS: Attempts = {
    "update": "UPDATE log_leaf SET body = 'x'",
    "update of one row": "UPDATE log_leaf SET body = 'x' WHERE seq = 0",
    "delete": "DELETE FROM log_leaf",
    "cut of the tail": "DELETE FROM log_leaf WHERE seq = (SELECT MAX(seq) FROM log_leaf)",
    "upsert": "INSERT INTO log_leaf SELECT * FROM log_leaf WHERE seq = 0 ON CONFLICT (seq) DO UPDATE SET body = 'x'",
    "gap": leaf(seq=f"{_NEXT} + 1", hash=":fresh"),
    "gap in a scope": leaf(scope="l.scope", iseq="9999", hash=":fresh"),
    "out of order": leaf(seq="-1", hash=":fresh"),
    "second leaf of a number": leaf(seq="0", hash=":fresh"),
    "second leaf of a hash": leaf(hash="l.leaf_hash"),
    "head set back": "UPDATE log_head SET size = 0",
    "second head": "INSERT INTO log_head SELECT 2, size, frontier, root FROM log_head",
    "head taken away": "DELETE FROM log_head",
    "scope set back": "UPDATE scope_head SET size = size - 1",
    "opening changed": "UPDATE log_opening SET value = 'x'",
    "opening of no leaf": "INSERT INTO log_opening (seq, field, value, salt) VALUES (9999, 'x', '', :fresh)",
}
"""Refused to everybody, on both databases."""

ON_ROWS_OF: Mapping[str, Attempts] = {
    "sqlite": {
        "update or ignore": "UPDATE OR IGNORE log_leaf SET body = 'x'",
        "update or replace": "UPDATE OR REPLACE log_leaf SET seq = 0",
        "replace": f"{_COLUMNS} SELECT seq, scope, iseq, 'x', :fresh FROM log_leaf WHERE seq = 0",
        "replace through the hash": f"{_COLUMNS} SELECT {_NEXT}, 'x', 0, 'x', leaf_hash FROM log_leaf WHERE seq = 0",
        "replace through the scope": f"{_COLUMNS} SELECT {_NEXT}, scope, iseq, 'x', :fresh FROM log_leaf WHERE seq = 0",
        "replace of the head": "REPLACE INTO log_head SELECT id, 0, frontier, root FROM log_head",
        "replace of a scope": "REPLACE INTO scope_head SELECT scope, 0, leaf_hash FROM scope_head",
    },
    "postgresql": {
        "truncate": "TRUNCATE log_leaf",
        "merge that updates": (
            "MERGE INTO log_leaf l USING log_leaf o ON l.seq = o.seq WHEN MATCHED THEN UPDATE SET body = 'x'"
        ),
        "merge that deletes": "MERGE INTO log_leaf l USING log_leaf o ON l.seq = o.seq WHEN MATCHED THEN DELETE",
        "merge that inserts": (
            "MERGE INTO log_leaf l USING (SELECT 9999 seq) o ON l.seq = o.seq"
            " WHEN NOT MATCHED THEN INSERT VALUES (9999, 'x', 0, 'x', :fresh)"
        ),
    },
}
"""The same, where only one database knows the statement."""

ON_SCHEMA_OF: Mapping[str, Attempts] = {
    "sqlite": {
        "drop of a guard": "DROP TRIGGER guard_log_leaf_no_update",
        "drop of the table": "DROP TABLE log_opening",
        "table renamed": "ALTER TABLE log_leaf RENAME TO other",
        "column added": "ALTER TABLE log_leaf ADD COLUMN other TEXT",
        "trigger of one's own": "CREATE TRIGGER other AFTER INSERT ON log_leaf BEGIN DELETE FROM slot_claim; END",
        "temporary table before it": "CREATE TEMP TABLE log_leaf (seq INTEGER)",
        "schema made writable": "PRAGMA writable_schema = ON",
        "recursive triggers switched off": "PRAGMA recursive_triggers = OFF",
        "foreign keys switched off": "PRAGMA foreign_keys = OFF",
    },
    "postgresql": {
        "guards switched off": "ALTER TABLE log_leaf DISABLE TRIGGER USER",
        "drop of a guard": "DROP TRIGGER guard_log_leaf_no_update ON log_leaf",
        "drop of a guard's function": "DROP FUNCTION guard_log_leaf_no_update CASCADE",
        "guard's function replaced": (
            "CREATE OR REPLACE FUNCTION guard_log_leaf_no_update() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NEW; END $$"
        ),
        "drop of the table": "DROP TABLE log_opening",
        "rule instead of an insert": "CREATE RULE other AS ON INSERT TO log_leaf DO INSTEAD NOTHING",
        "all rows rewritten by a type": "ALTER TABLE log_leaf ALTER COLUMN body TYPE varchar USING 'x'",
        "table of one's own": "CREATE TABLE other (seq integer)",
        "temporary table before it": "CREATE TEMPORARY TABLE log_leaf (seq integer)",
        "function of one's own": "CREATE FUNCTION other() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "table locked": "LOCK TABLE log_leaf IN ACCESS EXCLUSIVE MODE",
    },
}
"""Refused to the app; the owner of the schema may."""

ON_SERVER_OF: Mapping[str, Attempts] = {
    "sqlite": {"another file attached": "ATTACH DATABASE ':memory:' AS other"},
    "postgresql": {
        "guards off as a replica": "SET LOCAL session_replication_role = replica",
        "a program run": "COPY log_leaf FROM PROGRAM 'false'",
        "a file read": "COPY log_leaf FROM '/etc/passwd'",
        "role made": "CREATE ROLE other",
    },
}
"""Refused to the app and to the owner."""
