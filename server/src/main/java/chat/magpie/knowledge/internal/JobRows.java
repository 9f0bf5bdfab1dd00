package chat.magpie.knowledge.internal;

import static chat.magpie.knowledge.internal.KnowledgeTables.number;
import static chat.magpie.knowledge.internal.KnowledgeTables.text;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.ImportJob;
import chat.magpie.knowledge.ImportJob.Stage;
import chat.magpie.knowledge.ImportJob.Status;
import chat.magpie.knowledge.Imports;
import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// The statements on imports; each runs within the caller's transaction.
final class JobRows {
  private static final String NAME = "knowledge_job";
  private static final Table<Record> JOB = table(name(NAME));
  private static final Field<String> ID = text(NAME, "id");
  private static final Field<String> TENANT = text(NAME, "tenant_id");
  private static final Field<String> DOCUMENT = text(NAME, "document_id");
  private static final Field<String> SOURCE = text(NAME, "source");
  private static final Field<String> ORIGIN = text(NAME, "origin");
  private static final Field<String> REQUEST = text(NAME, "request");
  private static final Field<String> STATUS = text(NAME, "status");
  private static final Field<String> STAGE = text(NAME, "stage");
  private static final Field<Long> DONE = number(NAME, "done");
  private static final Field<Long> TOTAL = number(NAME, "total");
  private static final Field<String> FAILURE = text(NAME, "failure");
  private static final Field<Long> VERSION = number(NAME, "version_number");
  private static final Field<String> OWNER = text(NAME, "owner");
  private static final Field<Long> EPOCH = number(NAME, "epoch");
  private static final Field<Long> LEASE = number(NAME, "lease_until");
  private static final Field<String> CREATED_BY = text(NAME, "created_by");
  private static final Field<Long> CREATED_AT = number(NAME, "created_at");
  private static final Field<Long> UPDATED_AT = number(NAME, "updated_at");
  private static final List<Field<?>> COLUMNS =
      List.of(
          ID,
          TENANT,
          DOCUMENT,
          SOURCE,
          ORIGIN,
          REQUEST,
          STATUS,
          STAGE,
          DONE,
          TOTAL,
          FAILURE,
          VERSION,
          OWNER,
          EPOCH,
          LEASE,
          CREATED_BY,
          CREATED_AT,
          UPDATED_AT);
  private static final TypeReference<Imports.Order> ORDER = new TypeReference<>() {};
  private static final int FAILURE_CHARS = 1_000;

  private JobRows() {}

  /// A job, and what its owner has to know.
  ///
  /// @param epoch counts its owners; what one of an older epoch writes is refused
  record Work(ImportJob job, Imports.Order order, String owner, long epoch) {}

  static void insert(DSLContext sql, Work work, long leaseUntil) {
    ImportJob job = work.job();
    sql.insertInto(JOB)
        .set(ID, job.id())
        .set(TENANT, job.tenantId())
        .set(DOCUMENT, job.documentId())
        .set(SOURCE, job.source().name())
        .set(ORIGIN, job.origin())
        .set(REQUEST, KnowledgeJson.write(work.order()))
        .set(STATUS, job.status().name())
        .set(STAGE, job.stage().name())
        .set(DONE, job.done())
        .set(TOTAL, job.total())
        .set(OWNER, work.owner())
        .set(EPOCH, work.epoch())
        .set(LEASE, leaseUntil)
        .set(CREATED_BY, job.createdBy())
        .set(CREATED_AT, job.createdAt().toEpochMilli())
        .set(UPDATED_AT, job.updatedAt().toEpochMilli())
        .execute();
  }

  static Optional<Work> find(DSLContext sql, String id) {
    return sql.select(COLUMNS).from(JOB).where(ID.eq(id)).fetchOptional(JobRows::work);
  }

  static List<Work> newest(DSLContext sql, String tenantId, int limit) {
    return sql.select(COLUMNS)
        .from(JOB)
        .where(TENANT.eq(tenantId))
        .orderBy(CREATED_AT.desc(), ID.desc())
        .limit(limit)
        .fetch(JobRows::work);
  }

  /// Those that have not ended and are this node's.
  static List<Work> open(DSLContext sql, String owner) {
    return sql.select(COLUMNS)
        .from(JOB)
        .where(isOpen(), OWNER.eq(owner))
        .orderBy(CREATED_AT, ID)
        .fetch(JobRows::work);
  }

  /// Those whose owner has not been heard of since then.
  static List<Work> orphans(DSLContext sql, long before, int limit) {
    return sql.select(COLUMNS)
        .from(JOB)
        .where(isOpen(), LEASE.lt(before))
        .orderBy(LEASE)
        .limit(limit)
        .fetch(JobRows::work);
  }

  static int waiting(DSLContext sql, String tenantId) {
    return sql.fetchCount(JOB, isOpen().and(TENANT.eq(tenantId)));
  }

  /// Makes the job this node's; false where somebody else was quicker.
  static boolean take(DSLContext sql, Work work, String owner, long leaseUntil) {
    return sql.update(JOB)
            .set(OWNER, owner)
            .set(EPOCH, work.epoch() + 1)
            .set(LEASE, leaseUntil)
            .where(ID.eq(work.job().id()), isOpen(), EPOCH.eq(work.epoch()))
            .execute()
        == 1;
  }

  static void renew(DSLContext sql, String owner, long leaseUntil) {
    sql.update(JOB).set(LEASE, leaseUntil).where(OWNER.eq(owner), isOpen()).execute();
  }

  /// Writes how far it is; false where it is somebody else's now, or over.
  static boolean update(DSLContext sql, ImportJob job, long epoch) {
    String failure = job.failure().orElse(null);
    return sql.update(JOB)
            .set(STATUS, job.status().name())
            .set(STAGE, job.stage().name())
            .set(DONE, job.done())
            .set(TOTAL, job.total())
            .set(
                FAILURE,
                failure == null || failure.length() <= FAILURE_CHARS
                    ? failure
                    : failure.substring(0, FAILURE_CHARS))
            .set(VERSION, job.version().orElse(null))
            .set(UPDATED_AT, job.updatedAt().toEpochMilli())
            .where(ID.eq(job.id()), EPOCH.eq(epoch), isOpen())
            .execute()
        == 1;
  }

  static void forget(DSLContext sql, String tenantId, long before) {
    sql.deleteFrom(JOB).where(TENANT.eq(tenantId), isOpen().not(), UPDATED_AT.lt(before)).execute();
  }

  private static Condition isOpen() {
    return STATUS.in(Status.WAITING.name(), Status.RUNNING.name());
  }

  private static Work work(Record row) {
    ImportJob job =
        new ImportJob(
            row.get(ID),
            row.get(TENANT),
            row.get(DOCUMENT),
            Document.Source.valueOf(row.get(SOURCE)),
            row.get(ORIGIN),
            Status.valueOf(row.get(STATUS)),
            Stage.valueOf(row.get(STAGE)),
            row.get(DONE),
            row.get(TOTAL),
            Optional.ofNullable(row.get(FAILURE)),
            Optional.ofNullable(row.get(VERSION)),
            row.get(CREATED_BY),
            Instant.ofEpochMilli(row.get(CREATED_AT)),
            Instant.ofEpochMilli(row.get(UPDATED_AT)));
    return new Work(
        job, KnowledgeJson.read(row.get(REQUEST), ORDER), row.get(OWNER), row.get(EPOCH));
  }
}
