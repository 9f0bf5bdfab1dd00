-- What the memory keeps.

-- Long-term memory: what was said stays where it is, in the table of messages. Here is only what is costly to find out again, and
-- what must not be remembered any more.

-- forgotten_seq: nothing up to this message of the conversation, nor an answer to it, is recalled. erased: how many of its
-- messages were emptied, so that whoever keeps copies sees that there are fewer now.
alter table conversation add column forgotten_seq bigint not null default 0;
alter table conversation add column erased integer not null default 0;
create index conversation_memory on conversation (tenant_id, user_id, character_id);

-- Messages that were said elsewhere and brought here. external_id: what they were called there; it stays when the text is erased,
-- so that the same turn does not come back. zone: in which the speaker says "yesterday".
create table imported_turn (
  message_id varchar(36) not null primary key,
  conversation_id varchar(36) not null,
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  character_id varchar(64) not null,
  external_id varchar(128) not null,
  session_id varchar(128),
  speaker varchar(200),
  zone varchar(64),
  constraint imported_turn_external unique (tenant_id, user_id, character_id, external_id)
) ${suffix};
create index imported_turn_conversation on imported_turn (conversation_id);
create index imported_turn_session on imported_turn (tenant_id, user_id, character_id, session_id);

-- Vectors of messages. vector: a signed byte for each dimension. space: whose vectors they can be compared with.
create table memory_vector (
  message_id varchar(36) not null,
  space varchar(100) not null,
  conversation_id varchar(36) not null,
  vector ${bytes} not null,
  constraint memory_vector_pk primary key (message_id, space)
) ${suffix};
create index memory_vector_conversation on memory_vector (conversation_id);

-- Summaries of what has left the window. content: empty where what the model wrote could not be used.
create table conversation_summary (
  conversation_id varchar(64) not null,
  from_seq bigint not null,
  through_seq bigint not null,
  said_at bigint not null,
  content ${text} not null,
  constraint conversation_summary_pk primary key (conversation_id, from_seq)
) ${suffix};

-- Who is making a summary of a conversation, or until when nobody shall try.
create table summary_lease (
  conversation_id varchar(64) not null primary key,
  owner varchar(36) not null,
  lease_until bigint not null
) ${suffix};
