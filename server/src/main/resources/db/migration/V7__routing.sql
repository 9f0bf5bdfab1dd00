-- Routing at the desk.

-- Each time that a human was wanted in a conversation: from the moment it was asked for, or taken
-- unasked, until its character answers alone again or it ends. asked_at: since when the customer
-- waits; taken_at: when the first human took it; assigned_at: when agent_id did; answered_at: the
-- first answer; spoken_at: the last one of agent_id. breached_*: when it was announced that a target
-- was missed.
create table handover (
  id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  conversation_id varchar(36) not null,
  reason varchar(32) not null,
  asked_at bigint not null,
  taken_at bigint,
  agent_id varchar(128),
  assigned_at bigint,
  answered_at bigint,
  spoken_at bigint,
  resolved_at bigint,
  breached_first_response bigint,
  breached_resolution bigint
) ${suffix};
create index handover_conversation on handover (conversation_id, resolved_at);
create index handover_open on handover (resolved_at, tenant_id, asked_at);
create index handover_taken on handover (tenant_id, taken_at);

-- Locked while a conversation is assigned to the agent, so that nobody gets more than they can take
-- on, whichever nodes assign; and when that was last, for taking turns.
create table assignee (
  tenant_id varchar(64) not null,
  agent_id varchar(128) not null,
  assigned_at bigint not null,
  constraint assignee_pk primary key (tenant_id, agent_id)
) ${suffix};

-- Who works at the desk. skills is a JSON array; capacity is null where that of the desk counts.
create table agent (
  tenant_id varchar(64) not null,
  user_id varchar(128) not null,
  presence varchar(16) not null,
  capacity integer,
  skills ${text} not null,
  seen_at bigint not null,
  updated_at bigint not null,
  constraint agent_pk primary key (tenant_id, user_id)
) ${suffix};

-- How a tenant's desk works, as JSON: a document that is read and written whole.
create table desk_settings (
  tenant_id varchar(64) not null primary key,
  document ${text} not null,
  version bigint not null,
  updated_at bigint not null
) ${suffix};

create table canned_reply (
  id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  shortcut varchar(64) not null,
  title varchar(200) not null,
  content ${text} not null,
  locale varchar(16),
  tags ${text} not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint canned_reply_shortcut unique (tenant_id, shortcut)
) ${suffix};

-- What waits is asked for over all tenants too. ${of_conversation} names the table where the dialect
-- wants that.
create index conversation_waiting on conversation (mode, tenant_id, waiting_since);
drop index conversation_queue ${of_conversation};
