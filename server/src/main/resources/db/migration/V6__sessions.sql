-- Sessions: what people add to a conversation, where it is in its life, and how it is erased.

-- own_memory: it was opened explicitly and has a short-term memory of its own. check_at: when to
-- look whether it has become idle or has expired; null once it is over.
alter table conversation add column title varchar(200);
alter table conversation add column metadata ${text};
alter table conversation add column archived smallint not null default 0;
alter table conversation add column own_memory smallint not null default 0;
alter table conversation add column check_at bigint;
update conversation set check_at = updated_at where ended_at is null;
create index conversation_check on conversation (check_at);
create index conversation_over on conversation (status, ended_at);
create index conversation_tenant on conversation (tenant_id, id);
create index conversation_status on conversation (tenant_id, status, id);

alter table reply add column own_memory smallint not null default 0;

create table conversation_tag (
  conversation_id varchar(36) not null,
  tag varchar(64) not null,
  tenant_id varchar(64) not null,
  constraint conversation_tag_pk primary key (conversation_id, tag)
) ${suffix};
create index conversation_tag_find on conversation_tag (tenant_id, tag, conversation_id);

-- Conversations whose rows are being erased: nothing of what was said, only what it takes to find
-- the rest of it.
create table erasure (
  conversation_id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  character_id varchar(64) not null,
  own_memory smallint not null,
  hidden_at bigint not null
) ${suffix};
create index erasure_order on erasure (hidden_at, conversation_id);

-- What one node at a time does for all: who does it, until when by the database's clock.
create table chore (
  name varchar(64) not null primary key,
  owner varchar(64) not null,
  lease_until bigint not null
) ${suffix};
insert into chore (name, owner, lease_until) values ('sessions', '', 0);
