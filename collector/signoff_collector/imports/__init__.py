"""Reading traces made by other tools, one module per format."""
