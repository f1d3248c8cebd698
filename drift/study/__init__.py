"""Studies: many runs described in one small file, computed on all cores or on a cluster."""
