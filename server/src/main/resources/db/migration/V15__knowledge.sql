-- Documents of the knowledge base that were uploaded, fetched or written; what is in the folder is not here.

-- Counts the changes of a tenant's documents, so that nodes see at one look whether there is anything new.
create table knowledge_revision (
  tenant_id varchar(64) not null primary key,
  revision bigint not null
) ${suffix};

-- One document or FAQ entry. characters: a JSON array of those it is for, empty for all. revision: of the tenant when it last changed.
create table knowledge_document (
  tenant_id varchar(64) not null,
  id varchar(64) not null,
  faq smallint not null,
  title varchar(300) not null,
  language varchar(16),
  characters ${text} not null,
  enabled smallint not null,
  version_number bigint not null,
  versions bigint not null,
  revision bigint not null,
  created_by varchar(128) not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint knowledge_document_pk primary key (tenant_id, id)
) ${suffix};

-- What a document said from some time on. content: Markdown, or the answer of an FAQ entry. entries: JSON, the questions with
-- their answers of an FAQ; null for other documents.
create table knowledge_version (
  tenant_id varchar(64) not null,
  document_id varchar(64) not null,
  version_number bigint not null,
  content_hash varchar(64) not null,
  source varchar(16) not null,
  origin varchar(2000) not null,
  format varchar(16) not null,
  bytes bigint not null,
  heading varchar(300) not null,
  content ${text} not null,
  entries ${text},
  created_by varchar(128) not null,
  created_at bigint not null,
  constraint knowledge_version_pk primary key (tenant_id, document_id, version_number)
) ${suffix};

-- Imports that take longer than a request. request: JSON, what shall become of it.
create table knowledge_job (
  id varchar(36) not null primary key,
  tenant_id varchar(64) not null,
  document_id varchar(64) not null,
  source varchar(16) not null,
  origin varchar(2000) not null,
  request ${text} not null,
  status varchar(16) not null,
  stage varchar(16) not null,
  done bigint not null,
  total bigint not null,
  failure varchar(1000),
  version_number bigint,
  owner varchar(64) not null,
  epoch bigint not null,
  lease_until bigint not null,
  created_by varchar(128) not null,
  created_at bigint not null,
  updated_at bigint not null
) ${suffix};
create index knowledge_job_tenant on knowledge_job (tenant_id, created_at, id);
create index knowledge_job_lease on knowledge_job (status, lease_until);

-- Questions that were asked and not answered; the same ones, but for case, width and punctuation, are one.
create table knowledge_gap (
  tenant_id varchar(64) not null,
  id varchar(36) not null,
  question_hash varchar(64) not null,
  question ${text} not null,
  status varchar(16) not null,
  asked bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  document_id varchar(64),
  constraint knowledge_gap_pk primary key (tenant_id, id),
  constraint knowledge_gap_question unique (tenant_id, question_hash)
) ${suffix};

-- Who asked it where. Goes with the conversation and with the user.
create table knowledge_gap_asked (
  tenant_id varchar(64) not null,
  gap_id varchar(36) not null,
  message_id varchar(36) not null,
  conversation_id varchar(36) not null,
  user_id varchar(128) not null,
  asked_at bigint not null,
  constraint knowledge_gap_asked_pk primary key (tenant_id, gap_id, message_id)
) ${suffix};
create index knowledge_gap_asked_user on knowledge_gap_asked (tenant_id, user_id);
create index knowledge_gap_asked_conversation on knowledge_gap_asked (conversation_id);

-- Vectors of passages, so that a restart does not compute them again. vector: floats, little endian.
create table knowledge_vector (
  tenant_id varchar(64) not null,
  content_hash varchar(64) not null,
  space varchar(100) not null,
  vector ${bytes} not null,
  created_at bigint not null,
  constraint knowledge_vector_pk primary key (tenant_id, content_hash, space)
) ${suffix};
