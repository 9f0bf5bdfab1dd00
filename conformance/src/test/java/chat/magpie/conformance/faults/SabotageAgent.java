package chat.magpie.conformance.faults;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Breaks one promise of the server it is loaded into (`-javaagent:<jar>=<name of a Sabotage>`), by
/// rewriting single methods as they are loaded. It knows their names, and nothing else of the
/// server; each rewritten method is printed, so that a test can tell that the sabotage took place.
public final class SabotageAgent {
  private static final ClassDesc OUTCOME = ClassDesc.of("chat.magpie.stream.LogStore$Outcome");

  /// What is broken.
  public enum Sabotage {
    /// A refused append counts as made, nobody gives up a reply that others have, and the end of a
    /// reply is committed whatever its epoch.
    NO_FENCING,
    /// A reply's log is closed before its answer is committed.
    CLOSED_BEFORE_COMMIT,
    /// A message that is sent again is taken for a new one.
    NO_IDEMPOTENCY,
    /// Readers get a chunk before the log has it.
    SHOWN_BEFORE_LOGGED
  }

  private SabotageAgent() {}

  /// Called by the JVM before the server's main method.
  public static void premain(String name, Instrumentation instrumentation) {
    Sabotage sabotage = Sabotage.valueOf(name);
    instrumentation.addTransformer(new Rewriting(sabotage));
  }

  /// The rewriting of one method.
  private record Change(Predicate<MethodModel> method, CodeTransform code) {}

  private static @Nullable Change change(Sabotage sabotage, String className) {
    return switch (sabotage) {
      case NO_FENCING ->
          switch (className) {
            case "chat/magpie/stream/internal/RedisLogStore" ->
                new Change(named("outcome"), SabotageAgent::refusedIsAppended);
            case "chat/magpie/conversation/internal/ReplyStates" ->
                new Change(named("lambda$end$"), SabotageAgent::alwaysEqual);
            case "chat/magpie/reply/internal/ReplyKeeper" ->
                new Change(named("watch"), new First(CodeBuilder::return_));
            case "chat/magpie/stream/internal/RelayedReplyLog" ->
                new Change(named("lose"), new First(CodeBuilder::return_));
            default -> null;
          };
      case CLOSED_BEFORE_COMMIT ->
          className.equals("chat/magpie/reply/internal/ReplyRun")
              ? new Change(named("commit"), new First(SabotageAgent::seal))
              : null;
      case NO_IDEMPOTENCY ->
          className.equals("chat/magpie/conversation/NewMessage")
              ? new Change(named("clientKey"), new First(SabotageAgent::returnEmpty))
              : null;
      case SHOWN_BEFORE_LOGGED ->
          className.equals("chat/magpie/stream/internal/RedisLogStore")
              ? new Change(named("append"), new First(SabotageAgent::confirm))
              : null;
    };
  }

  private static Predicate<MethodModel> named(String prefix) {
    return method -> method.methodName().stringValue().startsWith(prefix);
  }

  private static void refusedIsAppended(CodeBuilder code, CodeElement element) {
    if (element instanceof FieldInstruction field
        && field.opcode() == Opcode.GETSTATIC
        && field.name().equalsString("REFUSED")) {
      code.getstatic(OUTCOME, "APPENDED", OUTCOME);
    } else {
      code.with(element);
    }
  }

  private static void alwaysEqual(CodeBuilder code, CodeElement element) {
    if (element instanceof OperatorInstruction operator && operator.opcode() == Opcode.LCMP) {
      code.pop2().pop2().iconst_0();
    } else {
      code.with(element);
    }
  }

  private static void seal(CodeBuilder code) {
    ClassDesc log = ClassDesc.of("chat.magpie.stream.OwnedReplyLog");
    code.aload(0)
        .getfield(ClassDesc.of("chat.magpie.reply.internal.ReplyRun"), "log", log)
        .loadConstant("done {\"status\":\"done\"}")
        .invokeinterface(
            log, "seal", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String));
  }

  private static void returnEmpty(CodeBuilder code) {
    ClassDesc optional = ClassDesc.of("java.util.Optional");
    code.invokestatic(optional, "empty", MethodTypeDesc.of(optional)).areturn();
  }

  private static void confirm(CodeBuilder code) {
    code.aload(4)
        .getstatic(OUTCOME, "APPENDED", OUTCOME)
        .invokeinterface(
            ClassDesc.of("chat.magpie.stream.LogStore$Completion"),
            "completed",
            MethodTypeDesc.of(ConstantDescs.CD_void, OUTCOME));
  }

  /// Puts code before a method's own.
  private record First(Consumer<CodeBuilder> before) implements CodeTransform {
    @Override
    public void atStart(CodeBuilder code) {
      before.accept(code);
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      code.with(element);
    }
  }

  /// Rewrites the classes that the sabotage names.
  private record Rewriting(Sabotage sabotage) implements ClassFileTransformer {
    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String className,
        @Nullable Class<?> classBeingRedefined,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      Change change = className == null ? null : change(sabotage, className);
      if (change == null || loader == null) {
        return null;
      }
      try {
        ClassFile file =
            ClassFile.of(
                ClassFile.ClassHierarchyResolverOption.of(
                    ClassHierarchyResolver.ofResourceParsing(loader)
                        .orElse(ClassHierarchyResolver.defaultResolver())),
                ClassFile.DeadCodeOption.PATCH_DEAD_CODE);
        ClassModel model = file.parse(bytes);
        byte[] changed =
            file.transformClass(
                model, ClassTransform.transformingMethodBodies(change.method(), change.code()));
        model.methods().stream()
            .filter(change.method())
            .forEach(
                method -> System.err.println("SABOTAGED " + className + "." + method.methodName()));
        return changed;
      } catch (RuntimeException e) {
        System.err.println("SABOTAGE FAILED " + className + ": " + e);
        return null;
      }
    }
  }
}
