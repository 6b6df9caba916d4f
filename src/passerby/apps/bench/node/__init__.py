"""``passerby bench node``: memory of a node, by camera, and the start of a large one."""
