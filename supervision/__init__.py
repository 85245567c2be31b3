"""What people do about alerts. Decisions are tables; every step is written to the audit trail."""
