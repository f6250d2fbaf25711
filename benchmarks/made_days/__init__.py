"""Made-up working days, for benchmarks that need much of everything."""
