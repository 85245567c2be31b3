"""The rules of credit as dated policy: what a file says, what is wrong with one, which was in force when."""
