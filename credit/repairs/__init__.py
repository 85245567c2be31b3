"""Repair of credit (信用修复): conditions that are checked, an application, a decision by somebody else."""
