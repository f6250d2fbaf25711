"""What came of it: answers, bits and how sure they are, verdicts, the report."""
