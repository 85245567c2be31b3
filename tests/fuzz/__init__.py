"""Whatever bytes arrive, there is a message or a refusal. See docs/wire-contract.md#fuzzing."""
