"""The rules that read a weighing beside its cap: what they see is a finding, a lead for a person, never a penalty."""
