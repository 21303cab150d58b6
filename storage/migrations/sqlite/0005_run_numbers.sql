-- People name a run by its number: #142.
CREATE INDEX executions_number ON executions (pipeline_id, number);
