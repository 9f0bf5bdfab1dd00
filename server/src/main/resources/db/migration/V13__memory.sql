-- What the memory keeps.

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
