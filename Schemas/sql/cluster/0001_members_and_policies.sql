-- The cluster itself: one row once it was created.
CREATE TABLE cluster (
  single INTEGER NOT NULL CHECK (single = 1),
  cluster_id BLOB NOT NULL,
  name TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (single)
) STRICT, WITHOUT ROWID;

-- Every node that ever joined: one that was removed stays, so that its id does not come back.
-- standing: 0 active, 1 draining, 2 removed. liveness: 0 online, 1 suspect, 2 offline.
CREATE TABLE nodes (
  node_id BLOB NOT NULL,
  name TEXT NOT NULL,
  failure_domain TEXT NOT NULL,
  software_release TEXT NOT NULL,
  standing INTEGER NOT NULL CHECK (standing BETWEEN 0 AND 2),
  standing_since_ms INTEGER NOT NULL,
  standing_reason TEXT NOT NULL,
  is_forced INTEGER NOT NULL,
  liveness INTEGER NOT NULL CHECK (liveness BETWEEN 0 AND 2),
  liveness_since_ms INTEGER NOT NULL,
  joined_ms INTEGER NOT NULL,
  joined_offset INTEGER NOT NULL,
  PRIMARY KEY (node_id)
) STRICT, WITHOUT ROWID;

-- A name is free again when its node was removed.
CREATE UNIQUE INDEX nodes_by_name ON nodes (name) WHERE standing < 2;

CREATE TABLE node_addresses (
  node_id BLOB NOT NULL,
  place INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (node_id, place)
) STRICT, WITHOUT ROWID;

-- Every disk that there ever was. state: 0 online, 1 suspect, 2 offline, 3 retired.
CREATE TABLE disks (
  disk_id BLOB NOT NULL,
  node_id BLOB NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  total_bytes INTEGER NOT NULL CHECK (total_bytes >= 0),
  free_bytes INTEGER NOT NULL CHECK (free_bytes >= 0),
  min_free_bytes INTEGER NOT NULL CHECK (min_free_bytes >= 0),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
  error TEXT NOT NULL,
  added_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (disk_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX disks_by_name ON disks (node_id, name) WHERE state < 3;
CREATE UNIQUE INDEX disks_by_path ON disks (node_id, path) WHERE state < 3;

CREATE TABLE policies (
  scope_path TEXT NOT NULL,
  policy_id BLOB NOT NULL,
  data_shards INTEGER NOT NULL CHECK (data_shards >= 1),
  parity_shards INTEGER NOT NULL CHECK (parity_shards >= 0),
  stripe_bytes INTEGER NOT NULL CHECK (stripe_bytes >= 1),
  set_ms INTEGER NOT NULL,
  set_offset INTEGER NOT NULL,
  PRIMARY KEY (scope_path)
) STRICT, WITHOUT ROWID;
