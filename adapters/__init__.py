"""Everything outside: one folder per technology, each an implementation of ports."""
