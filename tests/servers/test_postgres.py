import psycopg
import pytest

from tests.servers.postgres import PostgresServer


def test_each_database_is_empty(postgres_server: PostgresServer, postgres_url: str) -> None:
    """What one database was given is not in the next one."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE t (x int)")
    other = postgres_server.create_database()
    with psycopg.connect(postgres_server.url(other)) as connection:
        row = connection.execute("SELECT to_regclass('t')").fetchone()
    postgres_server.drop_database(other)
    assert row == (None,)


def test_a_database_is_dropped_under_a_connection(postgres_server: PostgresServer) -> None:
    """A connection that a test left open does not keep its database alive."""
    name = postgres_server.create_database()
    with psycopg.connect(postgres_server.url(name)) as connection:
        postgres_server.drop_database(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_server_comes_back_with_its_data(own_postgres_server: PostgresServer) -> None:
    """A server that went away breaks connections, and has its data when it is back."""
    url = own_postgres_server.url(own_postgres_server.create_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS x")
        own_postgres_server.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    own_postgres_server.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [(7,)]
