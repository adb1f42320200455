-- When something happens next by itself in a workspace, so that one that nobody calls is woken for it: never later than it is due, 0 where
-- nobody has looked yet, and past all time where nothing will. It takes the place of what was known of subscriptions and outcomes alone.
DROP TABLE subscription_due;
DROP TABLE outcome_due;
ALTER TABLE projection_cursors ADD COLUMN at_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE projection_cursors ADD COLUMN due_at_ms bigint NOT NULL DEFAULT 0;

-- Asked across workspaces, by time: nothing is read of those that are not due.
CREATE INDEX projection_cursors_by_due ON projection_cursors (due_at_ms, workspace_id);
