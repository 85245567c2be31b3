"""All SQL of the product: migrations, named queries, typed functions. psycopg executes nowhere else."""
