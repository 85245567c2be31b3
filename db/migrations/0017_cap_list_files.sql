-- The files that cap lists were read from: kept with the draft as its evidence, and from the preview until the draft.

CREATE TABLE cap_list_files (
    file_id      bigint GENERATED ALWAYS AS IDENTITY,
    name         text NOT NULL,
    content      bytea NOT NULL,
    -- What its prices are for, where the file does not say; NULL: it says so itself.
    unit         text,
    -- What the list is to be (db/cap_lists.py, NewCapList), as it was asked for.
    asked        jsonb NOT NULL,
    uploaded_by  text NOT NULL,
    uploaded_at  timestamptz NOT NULL,
    -- NULL: only looked at so far; such a file is forgotten after a day.
    cap_list_id  bigint,
    CONSTRAINT cap_list_files_pkey PRIMARY KEY (file_id),
    CONSTRAINT cap_list_files_list_exists FOREIGN KEY (cap_list_id) REFERENCES cap_lists (cap_list_id),
    CONSTRAINT cap_list_files_one_of_a_list UNIQUE (cap_list_id),
    CONSTRAINT cap_list_files_unit_known CHECK (unit IN ('500g', 'kg', 'piece')),
    CONSTRAINT cap_list_files_not_large CHECK (octet_length(content) <= 1048576)
);
CREATE INDEX cap_list_files_only_looked_at ON cap_list_files (uploaded_at) WHERE cap_list_id IS NULL;

-- Who said that a name means a species, where a person did.
ALTER TABLE species_names
    ADD COLUMN added_by  text NOT NULL DEFAULT '',
    ADD COLUMN added_at  timestamptz;
