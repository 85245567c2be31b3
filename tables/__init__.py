"""Files of rows and columns, as people save them → cells with the places where they stand. Pure, for every room."""
