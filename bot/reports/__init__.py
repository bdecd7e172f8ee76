"""What `/status` and its siblings show: data for `--json`, lines for people."""
