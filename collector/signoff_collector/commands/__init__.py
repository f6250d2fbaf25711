"""One module per verb; `signoff_collector.cli` joins them."""
