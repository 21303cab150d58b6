-- As of which save Slack has been told of a run; nothing: it is not to be told of it.
ALTER TABLE executions ADD COLUMN told_rev INTEGER;
CREATE INDEX executions_untold ON executions (changed_at) WHERE rev > told_rev;
