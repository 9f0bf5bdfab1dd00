-- What is known about users, and how far has been learnt from what they say.

-- revision counts the changes of a profile; learning is null where the user has not said.
create table profile (
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  revision bigint not null,
  learning smallint,
  updated_at bigint not null,
  constraint profile_pk primary key (tenant_id, user_id)
) ${suffix};

-- Whether is learnt in a tenant; no row says yes.
create table profile_tenant (
  tenant_id varchar(64) not null primary key,
  learning smallint not null,
  updated_at bigint not null
) ${suffix};

-- valid_from, valid_to: ISO days; valid_to is the first day on which it does not hold any more.
-- said_at: when it was said. confidence: per cent. method: RULE, MODEL, USER.
create table profile_fact (
  id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  slot varchar(16) not null,
  content ${text} not null,
  sentence ${text} not null,
  negated smallint not null,
  said_at bigint not null,
  valid_from varchar(10) not null,
  valid_to varchar(10),
  superseded_by varchar(36),
  confidence integer not null,
  method varchar(8) not null,
  created_at bigint not null
) ${suffix};
create index profile_fact_user on profile_fact (tenant_id, user_id, id);

-- The messages that a fact was learnt from.
create table profile_source (
  fact_id varchar(36) not null,
  message_id varchar(36) not null,
  conversation_id varchar(36) not null,
  constraint profile_source_pk primary key (fact_id, message_id)
) ${suffix};
create index profile_source_conversation on profile_source (conversation_id, fact_id);

-- Messages that nothing is learnt from again: what was learnt from them was erased or corrected.
create table profile_refused (
  message_id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  conversation_id varchar(36) not null
) ${suffix};
create index profile_refused_user on profile_refused (tenant_id, user_id);
create index profile_refused_conversation on profile_refused (conversation_id);

-- How far has been learnt from a conversation: by rules, by a model, and who has it to learn from by
-- a model until when on the database's clock.
create table profile_learnt (
  conversation_id varchar(36) not null primary key,
  rules_seq bigint not null,
  model_seq bigint not null,
  model_attempts integer not null,
  claim varchar(36),
  claim_until bigint not null
) ${suffix};
-- What was said before there were profiles is not learnt from.
insert into profile_learnt (conversation_id, rules_seq, model_seq, model_attempts, claim_until)
  select id, message_seq, message_seq, 0, 0 from conversation;

-- What learning by a model has cost, by tenant and day in UTC.
create table profile_cost (
  tenant_id varchar(64) not null,
  day varchar(10) not null,
  requests bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  constraint profile_cost_pk primary key (tenant_id, day)
) ${suffix};
