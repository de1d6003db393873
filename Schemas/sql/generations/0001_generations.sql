-- Which schemas of this database hold whose tables.
CREATE TABLE generations (
  projection TEXT NOT NULL,
  number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  is_current INTEGER NOT NULL CHECK (is_current IN (0, 1)),
  PRIMARY KEY (projection, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX generations_current ON generations (projection) WHERE is_current = 1;
