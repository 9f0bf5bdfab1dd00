-- Who answers in a conversation.

-- The human who answers; while the mode is not HUMAN yet, the one who takes over as soon as the
-- reply that is being made has ended.
alter table conversation add column assignee_id varchar(128);

-- Of a conversation in the queue: the greater the sooner; since when; why; what whoever takes it
-- has to be able to do.
alter table conversation add column priority integer not null default 0;
alter table conversation add column waiting_since bigint;
alter table conversation add column handover_reason varchar(32);
alter table conversation add column skill varchar(64);

create index conversation_queue on conversation (tenant_id, mode, waiting_since);
create index conversation_assignee on conversation (tenant_id, assignee_id);
