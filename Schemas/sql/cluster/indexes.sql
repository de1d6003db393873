-- Indexes of queries alone: no event's application needs them, so a rebuild makes them when it is done.
CREATE INDEX IF NOT EXISTS disks_by_node ON disks (node_id, state);
