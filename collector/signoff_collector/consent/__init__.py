"""Consent: notices, rights, the sign-off, its signature, and taking it back."""
