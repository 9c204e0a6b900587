"""Server settings of the embedded cluster: many short queries on data that fit into memory."""

from __future__ import annotations

ENVIRONMENT = {"MALLOC_TOP_PAD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "33554432"}
"""For the server's malloc (glibc): keep a backend's memory between transactions. By default it goes
back to the kernel after each and is paged in again: 11 % of a dispatch in the database."""
IN_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def tuning(memory_mb: int) -> dict[str, str]:
    """Return the server's settings for a machine with that much memory.

    Parameters
    ----------
    memory_mb
        Physical memory; 2,048 gives 256 MB of shared buffers, 4,096 and more give 512 MB.
    """
    return {
        "max_connections": "100",
        "shared_buffers": f"{max(64, min(512, memory_mb // 8))}MB",
        "effective_cache_size": f"{max(128, memory_mb // 4)}MB",
        "maintenance_work_mem": "128MB",
        "work_mem": "16MB",
        "random_page_cost": "1.1",  # the district fits into memory
        "jit": "off",  # compiling takes longer than these queries
        # Many clients share few cores, and the 64 MB /dev/shm of a container is soon full.
        "max_parallel_workers_per_gather": "0",
        "max_parallel_maintenance_workers": "0",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "synchronous_commit": "on",
        "autovacuum_naptime": "15s",  # positions change all the time
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %a %u@%d ",
        "log_min_duration_statement": "1s",
        "log_checkpoints": "off",
        "logging_collector": "off",  # standard error goes to log/postgres.log
    }
