"""The services that tests talk to are there and answer."""


def test_postgresql_answers(postgres_url):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('listen_addresses')")
        assert cursor.fetchone() == (postgres_url.rpartition("/")[2], "127.0.0.1")


def test_spark_answers(spark):
    assert spark.sql("SELECT 1 AS one").toArrow().to_pylist() == [{"one": 1}]
    assert spark.conf.get("spark.driver.host") == "127.0.0.1"
    assert spark.sparkContext.uiWebUrl is None
