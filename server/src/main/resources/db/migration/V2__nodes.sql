-- Many nodes on one database.

-- How often a model was allowed to be asked for this reply; counted before each call, so that no
-- call is ever made that nobody knows of.
alter table reply add model_calls integer not null default 1;

-- What became of the tries at a reply that did not bring its end: model calls that failed, and work
-- that its node did not finish. Written with the end of the reply.
create table attempt (
  reply_id varchar(36) not null,
  number integer not null,
  epoch bigint not null,
  node varchar(64) not null,
  provider varchar(64),
  model varchar(200),
  outcome varchar(32) not null,
  input_tokens integer,
  output_tokens integer,
  constraint attempt_pk primary key (reply_id, number)
) ${suffix};

-- Leases of the nodes, on the database's clock. The incarnation tells the processes that used the
-- id of the node one after the other apart.
drop table node;
create table node (
  id varchar(64) not null primary key,
  incarnation varchar(36) not null,
  lease_until bigint not null,
  started_at bigint not null
) ${suffix};

-- The keys that sign access tokens where several nodes have to accept each other's.
create table signing_key (
  id varchar(64) not null primary key,
  secret varchar(255) not null,
  created_at bigint not null
) ${suffix};
