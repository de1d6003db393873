-- How far the tables are: every event before next_offset is in them. Written in the same transaction as the tables.
CREATE TABLE varve_positions (
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;

-- The answers of commands that carried an id, for those who ask again. Made from the events alone, like every table.
CREATE TABLE varve_answers (
  command BLOB NOT NULL,
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  time INTEGER NOT NULL,
  reply BLOB NOT NULL,
  PRIMARY KEY (command)
) STRICT, WITHOUT ROWID;

CREATE INDEX varve_answers_by_time ON varve_answers (partition, time);

-- Where a projection has stopped and why. Says nothing of the events, so it is no part of what replay must give.
CREATE TABLE varve_failures (
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  failed_offset INTEGER NOT NULL,
  cause TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;
