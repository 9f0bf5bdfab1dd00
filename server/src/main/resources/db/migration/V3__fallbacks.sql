-- Who answers where a character's own provider fails: a JSON array of {"provider", "model"?}, in
-- order; null leaves it to the configuration.
alter table persona add column fallbacks ${text};
