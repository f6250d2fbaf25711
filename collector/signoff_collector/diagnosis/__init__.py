"""What `signoff doctor` looks at: one line per thing a person can hit (docs/doctor.md)."""
