"""Public benchmarks whose text a package holds, and the fingerprints that are made of them."""
