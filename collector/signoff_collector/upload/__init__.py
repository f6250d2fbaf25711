"""Upload: the only package that opens an outgoing connection."""
