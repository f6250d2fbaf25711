"""Services that a `tests` step may name: their usual ports, and words of their clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SERVICE_PORTS: Final[Mapping[int, str]] = {
    1433: "mssql", 1521: "oracle", 2379: "etcd", 3306: "mysql", 4222: "nats", 4566: "localstack",
    5432: "postgresql", 5672: "rabbitmq", 5984: "couchdb", 6333: "qdrant", 6379: "redis",
    7687: "neo4j", 8086: "influxdb", 8123: "clickhouse", 8200: "vault", 8500: "consul",
    9042: "cassandra", 9092: "kafka", 9200: "elasticsearch", 11211: "memcached",
    19530: "milvus", 27017: "mongodb",
}  # fmt: skip
"""Port to the service that is known by it."""
SERVICES: Final = frozenset(SERVICE_PORTS.values())
NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "postgresql": ("postgres", "psycopg", "asyncpg", "pg8000"),
    "mysql": ("mysql", "mariadb"),
    "mssql": ("mssql", "sqlserver", "pyodbc"),
    "oracle": ("oracledb", "cx_oracle", "jdbc:oracle"),
    "rabbitmq": ("rabbitmq", "amqp", "pika", "celery"),
    "elasticsearch": ("elasticsearch", "opensearch"),
    "mongodb": ("mongo",),
    "memcached": ("memcache",),
    "vault": ("hvac", "hashicorp", "vault_addr"),
    "localstack": ("localstack", "boto"),
}
"""Words by which code says that it uses a service; a service that is missing has its own name."""
