"""Every published release, queryable. ``Store.open`` gives the embedded one."""
