-- What the provider calls the answer that usage is of: what was observed elsewhere is matched by it. Journals of before say nothing of it.
ALTER TABLE usage_rows ADD COLUMN response text;
CREATE INDEX usage_rows_by_response ON usage_rows (workspace_id, response);
