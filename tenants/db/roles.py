"""Which database roles there are, and what each may do: SQL for bootstrap, migration, provisioning and tests.

Roles are cluster-wide, so their names start with the database's:

    <db>_login     what the application connects as: no grants of its own, may become the others
    <db>_public    authentication, agency endpoints: the public tables
    <db>_clients   never assumed itself; what every client's role may read of the public tables
    <db>_nobody    no rights at all; where a connection rests whose login is the owner itself
    <db>_t_<id>    one client: its own schema, and through <db>_clients its own rows of a few public tables

The owner (DATABASE_OWNER_URL) owns all tables and is never used to answer anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection, sql
from psycopg.sql import SQL, Composed, Identifier

# The ledger's evidence: the application adds to it and reads it, and never changes or deletes.
APPEND_ONLY = ("ledger_auditentry", "ledger_auditanchor")
_APPEND_ONLY_PUBLIC = ("tenants_contract",)
# Public tables that only the owner touches.
OWNER_ONLY = ("django_migrations", "tenants_schemastep", "tenants_schemaversion", "tenants_clientkey")

_ROW_IS_OWN = "(substring(current_user::text from '_t_([0-9]+)$'))::bigint"
# Public tables with rows of several clients: what a client's role may do with its own rows, and
# the column that says which these are.
_SHARED_ROWS = {
    "tenants_client": ("SELECT", "id"),
    "tenants_clientkey": ("SELECT", "client_id"),
    "tenants_workdue": ("SELECT, INSERT, UPDATE", "client_id"),
    "tenants_clientvitals": ("SELECT, INSERT, UPDATE", "client_id"),
    "tenants_contract": ("SELECT", "client_id"),
    "tenants_portfoliorow": ("SELECT, INSERT, UPDATE", "client_id"),
}
# Public tables that belong to nobody in particular.
_REFERENCE = ("tenants_fxrate", "tenants_provider")


@dataclass(frozen=True, slots=True)
class RoleNames:
    """The roles of one database."""

    database: str

    @property
    def login(self) -> str:
        """What the application connects as, unless DATABASE_URL names another."""
        return f"{self.database}_login"

    @property
    def public(self) -> str:
        """The role of the public schema."""
        return f"{self.database}_public"

    @property
    def clients(self) -> str:
        """What all clients' roles have in common."""
        return f"{self.database}_clients"

    @property
    def nobody(self) -> str:
        """Where a connection rests that logs in as the owner."""
        return f"{self.database}_nobody"

    def client(self, client_id: int) -> str:
        """The role of one client."""
        return f"{self.database}_t_{client_id}"


def ensure_roles(connection: Connection, database: str, login: str, password: str) -> None:
    """Create the cluster-wide roles where they are missing; harmless to repeat. Needs CREATEROLE.

    `login` is the user of DATABASE_URL; where it is the owner itself, it is left as it is.
    """
    names = RoleNames(database)
    for role in (names.public, names.clients, names.nobody):
        _ensure_role(connection, role, "NOLOGIN")
    if login != connection.info.user:
        _ensure_role(connection, login, "LOGIN NOINHERIT")
        connection.execute(SQL("ALTER ROLE {} NOINHERIT").format(Identifier(login)))
        if password:
            connection.execute(
                SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(login), sql.Literal(password))
            )
    for role in (names.public, names.nobody):
        connection.execute(membership_sql(connection, role, login))


def _ensure_role(connection: Connection, role: str, options: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if not found:
        connection.execute(SQL("CREATE ROLE {} " + options).format(Identifier(role)))


def membership_sql(connection: Connection, role: str, member: str) -> Composed:
    """Let `member` become `role` by SET ROLE without inheriting its rights."""
    # Before PostgreSQL 16 the NOINHERIT of the member says the same.
    options = " WITH INHERIT FALSE, SET TRUE" if connection.info.server_version >= 160000 else ""
    return SQL("GRANT {} TO {}" + options).format(Identifier(role), Identifier(member))


def public_grants_sql(database: str, *, owner: str, login: str) -> Composed:
    """What the roles may do in the public schema; run after every migration of it, in one transaction."""
    names = RoleNames(database)
    public, clients = Identifier(names.public), Identifier(names.clients)
    parts = [
        SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
        SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(database)),
        SQL("GRANT CONNECT ON DATABASE {} TO {}").format(Identifier(database), Identifier(login)),
        SQL("GRANT TEMPORARY ON DATABASE {} TO {}, {}").format(Identifier(database), public, clients),
        SQL("GRANT USAGE ON SCHEMA public TO {}, {}").format(public, clients),
        SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(public),
        SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(public),
        SQL("REVOKE ALL ON {} FROM {}").format(_tables(OWNER_ONLY), public),
        SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(
            _tables((*APPEND_ONLY, *_APPEND_ONLY_PUBLIC)), public
        ),
        SQL("REVOKE DELETE ON tenants_client FROM {}").format(public),
        SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(clients),
        SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}").format(clients),
        SQL("GRANT SELECT ON {} TO {}").format(_tables(_REFERENCE), clients),
        SQL("GRANT USAGE ON SEQUENCE tenants_workdue_id_seq TO {}").format(clients),
    ]
    for table, (rights, column) in _SHARED_ROWS.items():
        parts += _row_security(table, rights, column, public=names.public, clients=names.clients, owner=owner)
    return SQL(";\n").join(parts)


def _row_security(
    table: str, rights: str, column: str, *, public: str, clients: str, owner: str
) -> list[Composed]:
    """Row-level security of a public table: a client's role meets its own rows only."""
    own = f"({column} = {_ROW_IS_OWN})"
    parts = [
        SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(Identifier(table)),
        SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(Identifier(table)),
        SQL("GRANT " + rights + " ON {} TO {}").format(Identifier(table), Identifier(clients)),
    ]
    # FORCE holds for an owner that is no superuser, who therefore needs a policy too.
    for name, role, condition in (
        ("owner", owner, "true"),
        ("public", public, "true"),
        ("own", clients, own),
    ):
        policy, to = Identifier(f"{table}_{name}"), Identifier(role)
        parts.append(SQL("DROP POLICY IF EXISTS {} ON {}").format(policy, Identifier(table)))
        parts.append(
            SQL(
                "CREATE POLICY {} ON {} TO {} USING (" + condition + ") WITH CHECK (" + condition + ")"
            ).format(policy, Identifier(table), to)
        )
    return parts


def client_role_sql(
    connection: Connection, database: str, login: str, client_id: int, schema: str
) -> Composed:
    """Create a client's role and schema; default privileges grant what is created in the schema later."""
    names = RoleNames(database)
    role = names.client(client_id)
    create = SQL("CREATE ROLE {} NOLOGIN").format(Identifier(role)).as_string(connection)
    # A database that was dropped and made again may have left the role behind: roles are cluster-wide.
    missing = SQL(
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {})"
        " THEN EXECUTE {}; END IF; END $$"
    ).format(sql.Literal(role), sql.Literal(create))
    return SQL(";\n").join(
        [
            missing,
            SQL("GRANT {} TO {}").format(Identifier(names.clients), Identifier(role)),
            membership_sql(connection, role, login),
            SQL("CREATE SCHEMA {}").format(Identifier(schema)),
            SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(schema), Identifier(role)),
            SQL(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
            ).format(Identifier(schema), Identifier(role)),
            SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT USAGE, SELECT ON SEQUENCES TO {}").format(
                Identifier(schema), Identifier(role)
            ),
        ]
    )


def client_limits_sql(database: str, client_id: int, schema: str) -> Composed:
    """What a client's role may *not* do in its own schema; to be run after every change of the schema."""
    role = Identifier(RoleNames(database).client(client_id))
    return SQL(";\n").join(
        [
            SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(_tables(APPEND_ONLY, schema), role),
            SQL("REVOKE ALL ON {} FROM {}").format(Identifier(schema, "django_migrations"), role),
        ]
    )


def _tables(names: tuple[str, ...], schema: str = "public") -> Composed:
    return SQL(", ").join(Identifier(schema, name) for name in names)
