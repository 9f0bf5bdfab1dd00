-- The system of record. One set for SQLite, PostgreSQL and MySQL/MariaDB: ${text} is an unbounded
-- text type, ${suffix} the table options of the dialect. Times are milliseconds since the epoch,
-- UTC; booleans are 0 or 1. Every row belongs to a tenant, directly or through its conversation.

create table tenant (
  id varchar(64) not null primary key,
  name varchar(200) not null,
  created_at bigint not null
) ${suffix};

create table account (
  id varchar(64) not null primary key,
  tenant_id varchar(64) not null,
  login varchar(254) not null,
  display_name varchar(200) not null,
  role varchar(16) not null,
  password_hash varchar(255) not null,
  must_change_password smallint not null,
  disabled smallint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint account_login unique (tenant_id, login)
) ${suffix};

create table api_key (
  id varchar(64) not null primary key,
  tenant_id varchar(64) not null,
  name varchar(200) not null,
  key_hash varchar(64) not null,
  role varchar(16) not null,
  created_at bigint not null,
  revoked_at bigint,
  constraint api_key_hash unique (key_hash)
) ${suffix};

-- "character" is a reserved word in SQL.
create table persona (
  tenant_id varchar(64) not null,
  id varchar(64) not null,
  name varchar(200) not null,
  locale varchar(16) not null,
  description ${text} not null,
  greeting ${text} not null,
  prompt ${text} not null,
  provider varchar(64),
  model varchar(200),
  parameters ${text} not null,
  uses_knowledge smallint not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint persona_pk primary key (tenant_id, id)
) ${suffix};

create table conversation (
  id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  character_id varchar(64) not null,
  mode varchar(16) not null,
  status varchar(16) not null,
  message_seq bigint not null,
  event_seq bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  ended_at bigint
) ${suffix};
create index conversation_user on conversation (tenant_id, user_id, updated_at, id);

-- The conversation that is meant when a message of (user, character) names none.
create table current_conversation (
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  character_id varchar(64) not null,
  conversation_id varchar(36) not null,
  constraint current_conversation_pk primary key (tenant_id, user_id, character_id)
) ${suffix};

create table message (
  conversation_id varchar(36) not null,
  seq bigint not null,
  id varchar(36) not null,
  turn_id varchar(36),
  role varchar(16) not null,
  author_id varchar(128) not null,
  content ${text} not null,
  status varchar(16) not null,
  citations ${text},
  token_count integer not null,
  created_at bigint not null,
  constraint message_pk primary key (conversation_id, seq),
  constraint message_id unique (id)
) ${suffix};

-- The feed of a conversation: what happened, in order.
create table event (
  conversation_id varchar(36) not null,
  seq bigint not null,
  type varchar(32) not null,
  payload ${text} not null,
  created_at bigint not null,
  constraint event_pk primary key (conversation_id, seq)
) ${suffix};

-- client_key is what makes a send idempotent; the turn's own id where the client gave none.
create table turn (
  id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  client_key varchar(255) not null,
  body_hash varchar(64) not null,
  conversation_id varchar(36) not null,
  message_id varchar(36) not null,
  message_seq bigint not null,
  created_at bigint not null,
  constraint turn_client_key unique (tenant_id, user_id, client_key)
) ${suffix};

create table reply (
  id varchar(36) not null primary key,
  turn_id varchar(36) not null,
  tenant_id varchar(64) not null,
  conversation_id varchar(36) not null,
  user_id varchar(128) not null,
  character_id varchar(64) not null,
  status varchar(16) not null,
  owner varchar(64),
  epoch bigint not null,
  attempts integer not null,
  stop_reason varchar(16),
  message_id varchar(36),
  error_code varchar(32),
  provider varchar(64),
  model varchar(200),
  input_tokens integer,
  output_tokens integer,
  degraded varchar(200),
  receipt ${text},
  created_at bigint not null,
  started_at bigint,
  finished_at bigint,
  constraint reply_turn unique (turn_id)
) ${suffix};
create index reply_conversation on reply (conversation_id, status);
create index reply_user on reply (tenant_id, user_id, status, id);
create index reply_owner on reply (status, owner);

-- Leases of the nodes, on the database's clock.
create table node (
  id varchar(64) not null primary key,
  lease_until bigint not null,
  started_at bigint not null
) ${suffix};
