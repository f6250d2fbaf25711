"""Results of single tests: pytest's, JUnit XML, `go test -json`.

May know: capture.journal, capture.sessions, system.
Begin with: `test_reports`.
"""
